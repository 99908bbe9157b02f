using FjBellows.Dispatch;

namespace FjBellows.Sandbox.Virtual;

/// <summary>An open session to a virtual machine. Each of its calls may fail while the connection stands.</summary>
internal sealed class VirtualSession : IWorkerSession
{
    private readonly VirtualConnector _way;
    private readonly VirtualClock _clock;
    private readonly VirtualMachine _machine;
    private readonly VirtualSignal<string> _lost;
    private bool _open = true;

    public VirtualSession(VirtualConnector way, VirtualClock clock, VirtualMachine machine, string hostKey)
    {
        (_way, _clock, _machine, HostKey) = (way, clock, machine, hostKey);
        _lost = new VirtualSignal<string>(clock);
        machine.Broken += OnBroken;
        machine.Sessions++;
    }

    public Task<string> Lost => _lost.WaitAsync();

    public string? HostKey { get; }

    public Task<Readiness> CheckReadyAsync(CancellationToken cancellationToken) => CallAsync(
        "check",
        null,
        () => _machine.Unready is { } why ? new Readiness(false, false, why)
            : _machine.ReadyAt <= _clock.Now
                ? new Readiness(true, false, _way.RunnerVersion)
                : new Readiness(false, false, "cloud-init still runs"),
        cancellationToken);

    public Task StartAsync(JobLaunch launch, CancellationToken cancellationToken) => CallAsync(
        "start",
        launch.Dispatch,
        () =>
        {
            if (_way.RefusesLaunch?.Invoke(launch) is { } refusal)
            {
                throw refusal;
            }

            if (!_machine.Processes.ContainsKey(launch.Dispatch.Value))
            {
                _machine.Add(_way.NewProcess(_machine, launch));
            }

            if (_way.LosesLaunchAnswer?.Invoke(launch) == true)
            {
                _machine.BreakLinks();
            }

            return true;
        },
        cancellationToken);

    public async Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken)
    {
        var process = await CallAsync(
            "follow", dispatch, () => _machine.Processes.GetValueOrDefault(dispatch.Value), cancellationToken).ConfigureAwait(false);
        if (process is null)
        {
            return new JobExit(null, "");
        }

        var hear = log is null ? null : _way.Hears?.Invoke(log, process.Log.Lines);
        process.Log.Written += hear;
        try
        {
            await EndOfAsync(process, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            process.Log.Written -= hear;
        }

        return await CallAsync(
            "followed", dispatch, () => new JobExit(process.ForgedExit ?? process.ExitCode, process.Log.Tail),
            cancellationToken).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken) => CallAsync<IReadOnlyList<RunnerProcess>>(
        "inspect",
        null,
        () => [.. _machine.Processes.Values.Where(p => !p.Cleaned)
            .Select(p => new RunnerProcess(p.Launch.Dispatch, p.SeemsAlive, p.ForgedExit ?? p.ExitCode))],
        cancellationToken);

    public Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken) => CallAsync(
        "signal",
        dispatch,
        () =>
        {
            _machine.Signal(dispatch.Value, signal);
            return true;
        },
        cancellationToken);

    public Task<WaitEnd> EndWaitAsync(DispatchId dispatch, CancellationToken cancellationToken) =>
        CallAsync("signal", dispatch, () => _machine.EndWait(dispatch.Value), cancellationToken);

    public Task CleanAsync(DispatchId dispatch, CancellationToken cancellationToken) => CallAsync(
        "clean",
        dispatch,
        () =>
        {
            if (_machine.Processes.ContainsKey(dispatch.Value))
            {
                _machine.Clean(dispatch.Value);
            }

            return true;
        },
        cancellationToken);

    public Task<CommandResult> ExecAsync(string command, CancellationToken cancellationToken) =>
        CallAsync("exec", null, () => new CommandResult(0, "", ""), cancellationToken);

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private void OnBroken()
    {
        Close();
        _lost.Set("the connection was lost");
    }

    private void Close()
    {
        if (_open)
        {
            _open = false;
            _machine.Broken -= OnBroken;
            _machine.Sessions--;
        }
    }

    /// <summary>Not Task.WhenAny: it lets its continuation run on another thread.</summary>
    private async Task EndOfAsync(VirtualProcess process, CancellationToken cancellationToken)
    {
        if (process.ForgedExit is not null)
        {
            return;
        }

        var over = new TaskCompletionSource();
        using var cancelled = cancellationToken.Register(() => over.TrySetCanceled(cancellationToken));
        process.Ended.Then(_ => over.TrySetResult());
        process.Forged.Then(_ => over.TrySetResult());
        _lost.Then(_ => over.TrySetResult());
        await over.Task.ConfigureAwait(false);
    }

    private async Task<T> CallAsync<T>(string name, DispatchId? dispatch, Func<T> call, CancellationToken cancellationToken)
    {
        if (_way.Leaves?.Invoke(name) == false)
        {
            return await new TaskCompletionSource<T>().Task.ConfigureAwait(false);
        }

        await _clock.Delay(_way.Latency, cancellationToken).ConfigureAwait(false);
        Check();
        var fate = _way.Meets?.Invoke(name, _machine, dispatch) ?? CallFate.Works;
        if (fate == CallFate.Hangs)
        {
            await HangAsync(cancellationToken).ConfigureAwait(false);
        }

        if (fate == CallFate.Fails)
        {
            throw _way.FailureOf(name);
        }

        var answer = call();
        _way.CarriedOut?.Invoke(name);
        await _clock.Delay(_way.Latency, cancellationToken).ConfigureAwait(false);
        Check();
        return fate == CallFate.FailsAfterwards ? throw _way.FailureOf(name) : answer;
    }

    private async Task HangAsync(CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource();
        using var cancelled = cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
        _lost.Then(_ => never.TrySetException(new SessionException(SessionErrorKind.Unreachable, "the connection is lost")));
        await never.Task.ConfigureAwait(false);
    }

    private void Check()
    {
        if (_machine.GoneAt is not null || _machine.Unreachable || _lost.IsSet)
        {
            throw new SessionException(SessionErrorKind.Unreachable, "the connection is lost");
        }
    }
}
