using Akka.Actor;
using FjBellows.Dispatch;
using FjBellows.Time;
using static FjBellows.Workers.Session.SessionProtocol;
using static FjBellows.Workers.Session.SessionSignals;

namespace FjBellows.Workers.Session;

/// <summary>
/// Holds the connection to one worker and carries commands out over it. A command that fails is reported as such; only a connection that is
/// found to be gone is opened again (invariant W16). It remembers nothing worth keeping: when it is restarted, the journal and the worker
/// say where to go on (invariant W14).
/// </summary>
internal sealed class SessionActor : ReceiveActor, IWithTimers
{
    private const int MostBreaks = 3;
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    // Volumes of gigabytes take their time to go.
    private static readonly TimeSpan CleanLimit = TimeSpan.FromMinutes(3);

    private readonly PoolRuntime _pool;
    private readonly OutsideCalls _calls;
    private DispatchId? _job;
    private WorkerEndpoint _endpoint;
    private SessionLink _link = new SessionLink.Connecting();
    private Following? _following;
    private long _round;
    private int _failures;
    private int _checks;
    private int _slow;

    public SessionActor(PoolRuntime pool, WorkerEndpoint endpoint, DispatchId? job)
    {
        _pool = pool;
        _endpoint = endpoint;
        _job = job;
        _calls = new OutsideCalls(Self, Context.System.Scheduler);

        Receive<ConnectDue>(_ => Connect());
        Receive<CheckDue>(_ => Check());
        Receive<AttachDue>(m => Look(m, "reached again", proven: false));
        Receive<FollowDue>(m => FollowNow(m.Command));
        Receive<Connected>(OnConnected);
        Receive<Answered>(m => InRound(m.Round, () =>
        {
            _slow = 0;
            m.Then();
        }));
        Receive<Failed>(m => InRound(m.Round, () => OnFailed(m)));
        Receive<CheckReady>(_ => Check());
        Receive<Launch>(OnLaunch);
        Receive<Follow>(m => FollowNow(m));
        Receive<CleanUp>(m => Carry(m, CleanLimit, (session, token) => session.CleanAsync(m.Dispatch, token), () =>
        {
            _job = _job == m.Dispatch ? null : _job;
            Report(new Cleaned(m.Dispatch));
        }));
        Receive<Signal>(m => Carry(
            m, CallLimit, (session, token) => session.SignalAsync(m.Dispatch, m.What, token),
            () => Report(new Signalled(m.Dispatch, m.What))));
        Receive<EndWait>(m => Carry(
            m, CallLimit, (session, token) => session.EndWaitAsync(m.Dispatch, token), how => Report(new WaitEnded(m.Dispatch, how))));
        Receive<Inspect>(m => Carry(
            m, CallLimit, (session, token) => session.InspectAsync(token), found => Report(new Inspected(m.Round, found))));
        Receive<Run>(OnRun);
        Receive<Ran>(m => m.Asker.Tell(m.Answer));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A worker's session.</summary>
    /// <param name="pool">What the pool's actors share.</param>
    /// <param name="endpoint">Where the worker is, and its pin.</param>
    /// <param name="job">The dispatch that may run on it already; null for none.</param>
    public static Props Props(PoolRuntime pool, WorkerEndpoint endpoint, DispatchId? job) =>
        pool.On(Akka.Actor.Props.Create<SessionActor>(pool, endpoint, job));

    protected override void PreStart() => Connect();

    protected override void PostStop()
    {
        Disconnect();
        _calls.Dispose();
    }

    private void Connect()
    {
        _link = new SessionLink.Connecting();
        var round = ++_round;
        _calls.Send(
            ConnectLimit, token => Connections.OpenAsync(_pool.Ports.Connector, _endpoint, token), session => new Connected(round, session),
            e => new Failed(round, null, e, "connect"));
    }

    private void OnConnected(Connected m)
    {
        if (m.Round != _round)
        {
            _ = Connections.CloseAsync(m.Way);
            return;
        }

        _link = new SessionLink.Attached(m.Way, Checking: false);
        _calls.Send(
            null,
            token => m.Way.Lost.WaitAsync(token),
            why => new Failed(m.Round, null, new SessionException(SessionErrorKind.Unreachable, why), "keep the connection"),
            _ => null);

        // A job goes on whether or not its worker could take another one now: a job may stop Docker, and load may make it slow (invariant
        // W14).
        if (_job is null)
        {
            Check();
        }
        else
        {
            Look(new AttachDue(), "reached again", proven: false);
        }
    }

    private void Check()
    {
        switch (_link)
        {
            case SessionLink.Proven:
                Look(CheckReady.Instance, "ready", proven: true);
                break;
            case SessionLink.Attached { Checking: false } link:
                _link = link with { Checking = true };
                Carry(CheckReady.Instance, CallLimit, (session, token) => session.CheckReadyAsync(token), OnChecked);
                break;
            default:
                break;
        }
    }

    private void OnChecked(Readiness readiness)
    {
        if (readiness.Ready)
        {
            Look(CheckReady.Instance, readiness.Detail, proven: true);
        }
        else
        {
            NotReadyYet(readiness.Detail, readiness.Failed);
        }
    }

    private void NotReadyYet(string detail, bool failed)
    {
        if (_link is SessionLink.Attached link)
        {
            _link = link with { Checking = false };
        }

        Report(new NotReady(detail, failed));
        Timers.StartSingleTimer(nameof(CheckDue), new CheckDue(), _pool.Settings.Timeouts.ConnectRetry.After(++_checks));
    }

    /// <summary>Asks what runs on the worker, which is the last question before it counts as reached.</summary>
    private void Look(ISessionCommand command, string detail, bool proven) =>
        Carry(command, CallLimit, (session, token) => session.InspectAsync(token), processes =>
    {
        var session = _link.Connection!;
        _link = proven ? new SessionLink.Proven(session) : new SessionLink.Attached(session, Checking: false);
        (_failures, _checks) = (0, 0);

        // Where no key could be seeded, the one that is pinned now is asked for by this session's next connection too (invariant S2).
        _endpoint = _endpoint with { HostKey = _endpoint.HostKey ?? session.HostKey };
        Report(new Ready(detail, session.HostKey, processes, proven));
    });

    private void OnLaunch(Launch m)
    {
        // From here on its process may run, even where the answer gets lost.
        _job = m.Job.Dispatch;
        Carry(m, CallLimit, (session, token) => session.StartAsync(m.Job, token), () =>
        {
            Report(new Launched(m.Job.Dispatch));
            FollowNow(new Follow(m.Job.Dispatch, m.JobId), hears: true);
        });
    }

    private void FollowNow(Follow command, bool hears = false)
    {
        if (_link.Connection is not { } session || (_following is { Running: true } now && now.Dispatch == command.Dispatch))
        {
            return; // It is followed already, or the worker asks again when the connection is back.
        }

        var known = _following?.Dispatch == command.Dispatch ? _following : null;
        var follow = _following = new Following(
            command.Dispatch, known?.Log ?? new RunnerLog(RunnerLogFeed.Of(Context, _pool, _endpoint.Worker, command, hears)),
            Running: true, known?.Breaks ?? 0);
        var round = _round;
        _calls.Send(
            null,
            token => session.FollowAsync(command.Dispatch, follow.Log, token),
            exit => new Answered(round, () =>
            {
                _following = follow with { Running = false };
                Report(new Ended(command.Dispatch, exit));
            }),
            e => new Failed(round, command, e, $"follow {command.Dispatch}"));
    }

    /// <summary>What becomes of an operator's command says nothing about the connection: a failure is the operator's to judge.</summary>
    private void OnRun(Run m)
    {
        var asker = Sender;
        if (_link.Connection is not { } session)
        {
            asker.Tell(new CommandRefused($"{_endpoint.Worker} is not connected; it reconnects by itself"));
            return;
        }

        var lost = $"the command on {_endpoint.Worker} has no result";
        _calls.Send(
            m.Limit, token => session.ExecAsync(m.Command, token), result => new Ran(asker, new CommandRan(result)),
            e => new Ran(asker, new CommandRefused($"{lost}: {e.Message}; it may go on there")));
    }

    private void Carry(ISessionCommand command, TimeSpan limit, Func<IWorkerSession, CancellationToken, Task> call, Action then) =>
        Carry(command, limit, async (session, token) => { await call(session, token).ConfigureAwait(false); return true; }, _ => then());

    /// <summary>Carries a command out; without a connection it is dropped, and the worker repeats it when there is one.</summary>
    private void Carry<T>(ISessionCommand command, TimeSpan limit, Func<IWorkerSession, CancellationToken, Task<T>> call, Action<T> then)
    {
        if (_link.Connection is { } session)
        {
            var round = _round;
            _calls.Send(
                limit, token => call(session, token), answer => new Answered(round, () => then(answer)),
                e => new Failed(round, command, e, command.GetType().Name));
        }
    }

    private void OnFailed(Failed m)
    {
        var kind = (m.Error as SessionException)?.Kind;
        if (m.Command is Follow follow && _link.Connection is { Lost.IsCompleted: false } && _following is { Breaks: < MostBreaks } broken)
        {
            // The watch ended, by itself or by somebody's hand, and the connection stands.
            _following = broken with { Running = false, Breaks = broken.Breaks + 1 };
            Timers.StartSingleTimer(
                nameof(FollowDue), new FollowDue(follow), _pool.Settings.Timeouts.ConnectRetry.After(_following.Breaks));
            return;
        }

        // A clean-up may be slow on a connection that stands; two other commands without an answer speak against it.
        _slow = m.Error is TimeoutException && m.Command is not CleanUp ? _slow + 1 : 0;
        if (_slow >= 2 || CommandFailures.EndConnection(m.Command, kind))
        {
            Disconnect();
            Report(new Down(
                kind ?? SessionErrorKind.Unreachable,
                $"failed to {m.What} at {string.Join(" or ", _endpoint.Addresses)}: {m.Error.Message}"));
            Timers.StartSingleTimer(nameof(ConnectDue), new ConnectDue(), _pool.Settings.Timeouts.ConnectRetry.After(++_failures));
            return;
        }

        switch (m.Command)
        {
            case CheckReady:
                NotReadyYet(m.Error.Message, failed: false);
                break;
            case AttachDue:
                Report(new NotReady(m.Error.Message, Failed: false));
                Timers.StartSingleTimer(nameof(AttachDue), new AttachDue(), _pool.Settings.Timeouts.ConnectRetry.After(++_checks));
                break;
            default:
                Report(CommandFailures.ReportOf(m.Command!, kind, m.Error.Message));
                break;
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
    private void Disconnect()
    {
        _round++;
        _slow = 0;
        _following = _following is { } following ? following with { Running = false, Breaks = 0 } : null;
        Timers.CancelAll();
        if (_link.Connection is { } session)
        {
            _ = Connections.CloseAsync(session);
        }

        _link = new SessionLink.Lost();
    }

    private void Report(ISessionReport report) => Context.Parent.Tell(report);
}
