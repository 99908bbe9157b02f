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
internal sealed partial class SessionActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan DialLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    private readonly PoolRuntime _pool;
    private readonly OutsideCalls _calls;
    private WorkerEndpoint _endpoint;
    private IWorkerSession? _session;
    private bool _ready;
    private bool _checking;
    private long _round;
    private int _failures;
    private int _checks;

    public SessionActor(PoolRuntime pool, WorkerEndpoint endpoint, DispatchId? job)
    {
        _pool = pool;
        _endpoint = endpoint;
        _job = job;
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
        Receive<Cleaned>(m => InRound(m.Round, () => OnCleaned(m.Dispatch)));
        Receive<Looked>(m => InRound(m.Round, () => Report(new Inspected(m.Request, m.Processes))));

        Receive<Attached>(m => InRound(m.Round, () =>
        {
            _failures = 0;
            Pin();
            Report(new Ready("reached again", _session!.HostKey, m.Processes, Proven: false));
        }));
        Receive<Launch>(m =>
        {
            _launch = m.Job;
            _job = m.Job.Dispatch;
            if (_ready)
            {
                StartPending();
            }
            else
            {
                Check();
            }
        });
        Receive<Prove>(_ => Check());
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

    /// <summary>A worker's session.</summary>
    /// <param name="pool">What the pool's actors share.</param>
    /// <param name="endpoint">Where the worker is, and its pin.</param>
    /// <param name="job">The dispatch that may run on it already; null for none.</param>
    public static Props Props(PoolRuntime pool, WorkerEndpoint endpoint, DispatchId? job) =>
        pool.On(Akka.Actor.Props.Create(() => new SessionActor(pool, endpoint, job)));

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
        if (_job is null)
        {
            Check();
            return;
        }

        // A job goes on whether or not its worker could take another one now: a job may stop Docker, and load may make it slow (invariant W14).
        _calls.Send(CallLimit, m.Session.InspectAsync, processes => new Attached(m.Round, processes), e => new Failed(m.Round, e, "ask the worker what runs on it"));
    }

    private void Check()
    {
        if (_session is not { } session || _checking)
        {
            return;
        }

        _checking = true;
        var round = _round;
        _calls.Send(CallLimit, session.CheckReadyAsync, r => new Checked(round, r), e => new Failed(round, e, "check readiness"));
    }

    private void OnChecked(Checked m) => InRound(m.Round, () =>
    {
        if (!m.Readiness.Ready)
        {
            _checking = false;
            Report(new NotReady(m.Readiness.Detail, m.Readiness.Failed));
            Timers.StartSingleTimer(nameof(CheckDue), CheckDue.Instance, _pool.Settings.Timeouts.DialRetry.After(++_checks));
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
        _checking = false;
        Pin();
        _failures = 0;
        _checks = 0;
        Report(new Ready(m.Detail, _session!.HostKey, m.Processes, Proven: true));
    });

    /// <summary>Where no key could be seeded, the one that is pinned now is asked for by the next dial of this session too (invariant S2).</summary>
    private void Pin() => _endpoint = _endpoint with { HostKey = _endpoint.HostKey ?? _session!.HostKey };

    private void OnFailed(Failed m) => InRound(m.Round, () =>
    {
        var kind = (m.Error as SessionException)?.Kind ?? SessionErrorKind.Unreachable;
        Hang();
        Report(new Down(kind, $"could not {m.What} at {string.Join(" or ", _endpoint.Addresses)}: {m.Error.Message}"));
        Timers.StartSingleTimer(nameof(DialDue), DialDue.Instance, _pool.Settings.Timeouts.DialRetry.After(++_failures));
    });

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
        _checking = false;
        _cleaning.Clear();
        _following = null;
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

    private sealed record Attached(long Round, IReadOnlyList<RunnerProcess> Processes);

    private sealed record Looked(long Round, long Request, IReadOnlyList<RunnerProcess> Processes);
}
