using Akka.Actor;
using FjBellows.Dispatch;
using FjBellows.Pool;
using FjBellows.Time;
using static FjBellows.Workers.SessionProtocol;

namespace FjBellows.Workers;

/// <summary>
/// Holds the way to one worker: dials, proves readiness, starts and follows dispatches, dials again when the link breaks. It remembers
/// nothing worth keeping; when it is restarted, the worker's own records on both sides say where to go on (invariant W14).
/// </summary>
internal sealed class SessionActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan DialLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    private readonly PoolRuntime _pool;
    private readonly OutsideCalls _calls;
    private WorkerEndpoint _endpoint;
    private IWorkerSession? _session;
    private bool _ready;
    private long _round;
    private int _failures;
    private int _checks;
    private JobLaunch? _launch;
    private DispatchId? _cleaning;
    private DispatchId? _followed;
    private RunnerLog? _log;

    public SessionActor(PoolRuntime pool, WorkerEndpoint endpoint)
    {
        _pool = pool;
        _endpoint = endpoint;
        _calls = new OutsideCalls(Self, Context.System.Scheduler);

        Receive<DialDue>(_ => Dial());
        Receive<CheckDue>(_ => Check());
        Receive<Connected>(OnConnected);
        Receive<Failed>(OnFailed);
        Receive<Checked>(OnChecked);
        Receive<Proven>(OnProven);
        Receive<Started>(m => InRound(m.Round, () => OnStarted(m.Dispatch)));
        Receive<NotStarted>(m => InRound(m.Round, () => Report(new LaunchFailed(m.Dispatch, m.Detail))));
        Receive<Exited>(m => InRound(m.Round, () => Report(new Ended(m.Dispatch, m.Exit))));
        Receive<Cleaned>(m => InRound(m.Round, OnCleaned));
        Receive<Looked>(m => InRound(m.Round, () => Report(new Inspected(m.Request, m.Processes))));

        Receive<Launch>(m =>
        {
            _launch = m.Job;
            StartPending();
        });
        Receive<Follow>(m => FollowNow(m.Dispatch));
        Receive<CleanUp>(m => Clean(m.Dispatch));
        Receive<Signal>(m => Linked(m, (session, token) => session.SignalAsync(m.Dispatch, m.What, token)));
        Receive<Inspect>(m =>
        {
            var round = _round;
            if (_session is { } session)
            {
                _calls.Send(CallLimit, session.InspectAsync, found => new Looked(round, m.Round, found), e => new Failed(round, e, "ask the worker what runs on it"));
            }
        });
        Receive<Run>(OnRun);
        Receive<Ran>(m => m.Asker.Tell(m.Answer));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PoolRuntime pool, WorkerEndpoint endpoint) =>
        pool.On(Akka.Actor.Props.Create(() => new SessionActor(pool, endpoint)));

    protected override void PreStart() => Dial();

    protected override void PostStop()
    {
        Hang();
        _calls.Dispose();
    }

    private void Dial()
    {
        var round = ++_round;
        _calls.Send(DialLimit, OpenAsync, session => new Connected(round, session), e => new Failed(round, e, "reach the worker"));
    }

    /// <summary>A dial whose time is up must not leave an open session behind.</summary>
    private async Task<IWorkerSession> OpenAsync(CancellationToken token)
    {
        var session = await _pool.Ports.Connector.ConnectAsync(_endpoint, token).ConfigureAwait(false);
        if (token.IsCancellationRequested)
        {
            await CloseAsync(session).ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
        }

        return session;
    }

    private void OnConnected(Connected m)
    {
        if (m.Round != _round)
        {
            _ = CloseAsync(m.Session);
            return;
        }

        _session = m.Session;
        _calls.Send(
            null,
            token => m.Session.Lost.WaitAsync(token),
            why => new Failed(m.Round, new SessionException(SessionErrorKind.Unreachable, why), "keep the link"),
            _ => null);
        Check();
    }

    private void Check()
    {
        if (_session is not { } session)
        {
            return;
        }

        var round = _round;
        _calls.Send(CallLimit, session.CheckReadyAsync, r => new Checked(round, r), e => new Failed(round, e, "check readiness"));
    }

    private void OnChecked(Checked m) => InRound(m.Round, () =>
    {
        if (!m.Readiness.Ready)
        {
            Report(new NotReady(m.Readiness.Detail, m.Readiness.Failed));
            Timers.StartSingleTimer(nameof(CheckDue), CheckDue.Instance, _pool.Settings.Patience.DialRetry.After(++_checks));
            return;
        }

        var round = _round;
        _calls.Send(
            CallLimit,
            _session!.InspectAsync,
            processes => new Proven(round, m.Readiness.Detail, processes),
            e => new Failed(round, e, "ask the worker what runs on it"));
    });

    private void OnProven(Proven m) => InRound(m.Round, () =>
    {
        _ready = true;
        // Where no key could be seeded, the one that is pinned now is asked for by the next dial of this session too (S2).
        _endpoint = _endpoint with { HostKey = _endpoint.HostKey ?? _session!.HostKey };
        _failures = 0;
        _checks = 0;
        Report(new Ready(m.Detail, _session!.HostKey, m.Processes));
    });

    private void OnFailed(Failed m) => InRound(m.Round, () =>
    {
        var kind = (m.Error as SessionException)?.Kind ?? SessionErrorKind.Unreachable;
        Hang();
        Report(new Down(kind, $"could not {m.What} at {string.Join(" or ", _endpoint.Addresses)}: {m.Error.Message}"));
        Timers.StartSingleTimer(nameof(DialDue), DialDue.Instance, _pool.Settings.Patience.DialRetry.After(++_failures));
    });

    private void StartPending()
    {
        if (!_ready || _cleaning is not null || _launch is not { } job)
        {
            return;
        }

        _launch = null;
        var round = _round;
        _calls.Send(
            CallLimit,
            token => _session!.StartAsync(job, token),
            () => new Started(round, job.Dispatch),
            e => e is SessionException { Kind: SessionErrorKind.LaunchFailed or SessionErrorKind.ForwardRefused }
                ? new NotStarted(round, job.Dispatch, e.Message)
                : new Failed(round, e, $"start {job.Dispatch}"));
    }

    private void OnStarted(DispatchId dispatch)
    {
        Report(new Launched(dispatch));
        FollowNow(dispatch);
    }

    private void FollowNow(DispatchId dispatch)
    {
        if (_session is not { } session)
        {
            return; // The worker asks again when the link is back.
        }

        if (_followed != dispatch)
        {
            var (feed, pool, worker) = (Context.System.EventStream, _pool.Settings.Name, _endpoint.Worker);
            (_followed, _log) = (dispatch, new RunnerLog(line => feed.Publish(new JobLogLine(pool, worker, dispatch, line))));
        }

        var (round, log) = (_round, _log);
        _calls.Send(
            null,
            token => session.FollowAsync(dispatch, log, token),
            exit => new Exited(round, dispatch, exit),
            e => new Failed(round, e, $"follow {dispatch}"));
    }

    private void Clean(DispatchId dispatch)
    {
        if (_session is not { } session)
        {
            return;
        }

        _cleaning = dispatch;
        var round = _round;
        _calls.Send(CallLimit, token => session.CleanAsync(dispatch, token), () => new Cleaned(round), e => new Failed(round, e, $"clean up after {dispatch}"));
    }

    private void OnCleaned()
    {
        _cleaning = null;
        StartPending();
    }

    /// <summary>What becomes of an operator's command says nothing about the link: a failure is the operator's to judge.</summary>
    private void OnRun(Run m)
    {
        var asker = Sender;
        if (_session is not { } session)
        {
            asker.Tell(new PoolProtocol.Refused($"{_endpoint.Worker} is not connected; it is dialled again by itself"));
            return;
        }

        _calls.Send(
            m.Limit,
            token => session.ExecAsync(m.Command, token),
            result => new Ran(asker, new PoolProtocol.CommandRan(result)),
            e => new Ran(asker, new PoolProtocol.Refused($"the command on {_endpoint.Worker} has no result: {e.Message}; it may go on there")));
    }

    private void Linked(object command, Func<IWorkerSession, CancellationToken, Task> call)
    {
        if (_session is { } session)
        {
            var round = _round;
            _calls.Send(CallLimit, token => call(session, token), () => null, e => new Failed(round, e, $"carry out {command.GetType().Name}"));
        }
    }

    private void InRound(long round, Action action)
    {
        if (round == _round)
        {
            action();
        }
    }

    /// <summary>Ends this connection; whatever it still answers belongs to a past round.</summary>
    private void Hang()
    {
        _round++;
        _ready = false;
        _cleaning = null;
        _launch = null;
        Timers.CancelAll();
        if (_session is { } session)
        {
            _session = null;
            _ = CloseAsync(session);
        }
    }

    private static async Task CloseAsync(IWorkerSession session)
    {
        try
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SessionException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The link is given up either way; nobody waits for how its end went.
        }
    }

    private void Report(ISessionReport report) => Context.Parent.Tell(report);

    private sealed record DialDue
    {
        public static readonly DialDue Instance = new();
    }

    private sealed record CheckDue
    {
        public static readonly CheckDue Instance = new();
    }

    private sealed record Connected(long Round, IWorkerSession Session);

    private sealed record Failed(long Round, Exception Error, string What);

    private sealed record Checked(long Round, Readiness Readiness);

    private sealed record Proven(long Round, string Detail, IReadOnlyList<RunnerProcess> Processes);

    private sealed record Started(long Round, DispatchId Dispatch);

    private sealed record NotStarted(long Round, DispatchId Dispatch, string Detail);

    private sealed record Exited(long Round, DispatchId Dispatch, JobExit Exit);

    private sealed record Cleaned(long Round);

    private sealed record Ran(IActorRef Asker, object Answer);

    private sealed record Looked(long Round, long Request, IReadOnlyList<RunnerProcess> Processes);
}
