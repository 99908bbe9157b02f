namespace FjBellows.Sandbox.Runner;

/// <summary>Collects a task's log and steps, and tells the server: now and then while it runs, and until it is believed at the
/// end.</summary>
internal sealed class TaskReporter : IDisposable
{
    private readonly Lock _gate = new();
    private readonly RunnerClient _client;
    private readonly RunnerTask _task;
    private readonly RunnerLog _log;
    private readonly TimeProvider _time;
    private readonly List<RunnerLogRow> _rows = [];
    private readonly List<string> _hidden = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly PeriodicTimer _timer;
    private readonly DateTimeOffset _startedAt;
    private long _acknowledged;

    public TaskReporter(RunnerClient client, RunnerTask task, RunnerLog log, TimeSpan interval, TimeProvider time)
    {
        (_client, _task, _log, _time) = (client, task, log, time);
        _timer = new PeriodicTimer(interval, time);
        _startedAt = time.GetUtcNow();
        foreach (var secret in task.Secrets.Values.Append(task.Context.GetValueOrDefault("token", "")))
        {
            if (secret.Length > 0)
            {
                _hidden.Add(secret);
            }
        }
    }

    /// <summary>Cancelled when the server says that the task is over.</summary>
    public CancellationToken Stopped => _stopped.Token;

    public List<StepReport> Steps { get; } = [];

    public Dictionary<string, string> Outputs { get; } = [];

    public long RowCount
    {
        get
        {
            lock (_gate)
            {
                return _rows.Count;
            }
        }
    }

    public void Write(string row)
    {
        foreach (var secret in _hidden)
        {
            row = row.Replace(secret, "***", StringComparison.Ordinal);
        }

        lock (_gate)
        {
            _rows.Add(new RunnerLogRow(_time.GetUtcNow(), row));
        }
    }

    /// <summary>Reports at the interval until <see cref="EndReports"/>. A refusal is only logged: the job goes on, as forgejo-runner's
    /// does.</summary>
    public async Task ReportAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
            {
                try
                {
                    await SendLogAsync(false, _ending.Token).ConfigureAwait(false);
                    var seen = (TaskResult)await SendStateAsync(TaskResult.Unspecified, _ending.Token).ConfigureAwait(false);
                    if (seen is TaskResult.Cancelled or TaskResult.Failure)
                    {
                        await _stopped.CancelAsync().ConfigureAwait(false);
                    }
                }
                catch (RunnerCallException failed)
                {
                    _log.Warn("report_state failed: " + failed.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The final report follows.
        }
    }

    /// <summary>Sends the rest of the log and the result, again and again until the server took both or the tries are used up. As with
    /// forgejo-runner, a server that no longer knows the runner is one more failure, and SIGTERM ends nothing.</summary>
    /// <param name="result">The job's result.</param>
    /// <param name="retry">How often to try.</param>
    public async Task FinishAsync(TaskResult result, ReportRetry retry)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await SendLogAsync(true, CancellationToken.None).ConfigureAwait(false);
                await SendStateAsync(result, CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (RunnerCallException failed)
            {
                if (retry.PauseAfter(tries) is not { } pause)
                {
                    _log.Error($"unable to send final job logs and status: All attempts fail: {failed.Message}");
                    return;
                }

                await Task.Delay(pause, _time).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the reports, and the one on its way.</summary>
    public void EndReports()
    {
        _timer.Dispose();
        _ending.Cancel();
    }

    public void Dispose()
    {
        _timer.Dispose();
        _ending.Dispose();
        _stopped.Dispose();
    }

    private async Task SendLogAsync(bool noMore, CancellationToken cancellationToken)
    {
        RunnerLogRow[] rows;
        lock (_gate)
        {
            rows = _rows.GetRange((int)_acknowledged, _rows.Count - (int)_acknowledged).ToArray();
        }

        if (rows.Length > 0)
        {
            var request = RunnerMessages.UpdateLog(_task.Id, _acknowledged, rows, noMore);
            var wanted = _acknowledged + rows.Length;
            _acknowledged = RunnerMessages.ReadAck(await _client.CallAsync("UpdateLog", request, cancellationToken).ConfigureAwait(false));
            if (noMore && _acknowledged < wanted)
            {
                throw new RunnerCallException($"the server has {_acknowledged} of {wanted} log rows");
            }
        }
    }

    private async Task<int> SendStateAsync(TaskResult result, CancellationToken cancellationToken)
    {
        DateTimeOffset? stopped = result == TaskResult.Unspecified ? null : _time.GetUtcNow();
        byte[] request;
        lock (_gate)
        {
            request = RunnerMessages.UpdateTask(_task.Id, result, _startedAt, stopped, Steps, Outputs);
        }

        return (int)RunnerMessages.ReadUpdated(await _client.CallAsync("UpdateTask", request, cancellationToken).ConfigureAwait(false));
    }
}
