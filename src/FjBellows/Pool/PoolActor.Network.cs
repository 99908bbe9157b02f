using Akka.Actor;
using Akka.Event;
using FjBellows.Providers;

namespace FjBellows.Pool;

/// <summary>What the provider keeps around the workers: made at the start, so that a missing permission is seen then and not at the first
/// job; kept up to date while there are workers; removed with the last of them.</summary>
internal sealed partial class PoolActor
{
    // Long enough for the purchase that the last worker's end makes room for.
    private static readonly TimeSpan ReleaseAfter = TimeSpan.FromSeconds(10);
    private static readonly BackoffSettings ReleaseRetry = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

    private IActorRef? _networkKeeper;
    private ProvisioningBackoff _networkGate = ProvisioningBackoff.Open;
    private bool _networkExists;
    private bool _networkWanted;
    private bool _networkReleased;
    private int _releases;
    private string? _releaseError;

    /// <summary>Why the network around the workers holds purchases back; null when it does not.</summary>
    private string? NetworkHeld => _networkGate.Cause is not { } cause ? null
        : $"the managed network could not be made: {cause}; " +
          (_networkGate.Until is { } until ? $"tried again at {until:HH:mm:ss 'UTC'}" : "mend the cause and tell the pool to reconcile");

    /// <summary>Why nothing is bought; null while purchases are free.</summary>
    private string? ProvisioningSuspended => _gate.Held(Now) ?? NetworkHeld;

    /// <summary>True while a shutdown that destroys the workers has something left to destroy around them.</summary>
    private bool NetworkPending => _networkKeeper is not null && !_networkReleased && _releaseError is null;

    private void ReceiveNetwork()
    {
        Command<NetworkKeeperActor.Made>(_ => OnNetworkMade());
        Command<NetworkKeeperActor.NotMade>(m => OnNetworkNotMade(m.Error));
        Command<NetworkKeeperActor.Released>(m => OnNetworkReleased(m.AllGone));
        Command<NetworkKeeperActor.NotReleased>(m => OnNetworkNotReleased(m.Error));
        Command<NetworkDue>(_ => MakeNetwork());
        Command<ReleaseDue>(_ => ReleaseNetwork());
    }

    private void BeginNetwork()
    {
        if (_pool.Ports.Cloud.Parts.Network is not null)
        {
            _networkKeeper = Context.ActorOf(NetworkKeeperActor.Props(_pool), "network-keeper");
            _networkWanted = _unreported.Count > 0;
            MakeNetwork();
        }
    }

    /// <summary>Follows whether there are workers that need a network. Called whenever one came or went.</summary>
    private void FollowWorkers()
    {
        var wanted = _views.Count > 0 || _unreported.Count > 0;
        if (_networkKeeper is null || wanted == _networkWanted)
        {
            return;
        }

        _networkWanted = wanted;
        if (wanted)
        {
            // This also ends a removal under way, and follows what moved while nobody looked.
            MakeNetwork();
        }
        else if (_drain is { Destroy: true })
        {
            ReleaseNetwork();
        }
        else
        {
            Timers.StartSingleTimer(nameof(ReleaseDue), ReleaseDue.Instance, ReleaseAfter);
        }
    }

    private void MakeNetwork()
    {
        _networkReleased = false;
        _releaseError = null;
        _releases = 0;
        Timers.Cancel(nameof(ReleaseDue));
        _networkKeeper?.Tell(NetworkKeeperActor.Make.Instance);
    }

    private void ReleaseNetwork()
    {
        if (!_networkWanted && !_networkReleased)
        {
            Timers.Cancel(nameof(NetworkDue));
            _networkKeeper?.Tell(NetworkKeeperActor.Release.Instance);
        }
    }

    private void OnNetworkMade()
    {
        if (NetworkHeld is not null)
        {
            Notice(NoticeKind.WorkerChanged, "the managed network is made; purchases are free again");
        }

        _networkExists = true;
        _networkGate = ProvisioningBackoff.Open;
        if (_pool.Ports.Cloud.Parts.Network!.RefreshInterval is { } interval)
        {
            Timers.StartSingleTimer(nameof(NetworkDue), NetworkDue.Instance, interval);
        }

        Plan();
    }

    /// <summary>Without its network no worker can be bought, so purchases wait for it. One that exists already is unchanged by the failure,
    /// and purchases go on.</summary>
    private void OnNetworkNotMade(Exception error)
    {
        var (kind, retryAfter) = error is CloudException cloud ? (cloud.Kind, cloud.RetryAfter) : (CloudErrorKind.Transient, null);
        var gate = _networkGate.After(kind, error.Message, retryAfter, Now, Timeouts.CreateRetry, Jitter(_pool.Settings.Name));
        var news = gate.Cause != _networkGate.Cause;
        if (_networkExists)
        {
            var refresh = _pool.Ports.Cloud.Parts.Network!.RefreshInterval;
            if (refresh is { } interval)
            {
                Timers.StartSingleTimer(nameof(NetworkDue), NetworkDue.Instance, interval);
            }

            Notice(NoticeKind.Warning, $"the managed network could not be brought up to date: {error.Message}; it stays as it was" +
                (refresh is null ? "" : $" and is tried again in {refresh}"));
            return;
        }

        _networkGate = gate;
        if (gate.Until is { } until)
        {
            Timers.StartSingleTimer(nameof(NetworkDue), NetworkDue.Instance, until - Now);
        }

        if (news)
        {
            Notice(NoticeKind.Warning, NetworkHeld!);
        }

        Plan();
    }

    private void OnNetworkReleased(bool allGone)
    {
        _releaseError = null;
        if (_networkWanted)
        {
            MakeNetwork();
        }
        else if (allGone)
        {
            _networkExists = false;
            _networkReleased = true;
            _log.Info("pool {Pool}: the managed network went with the last worker", _pool.Settings.Name);
            CheckDrained();
        }
        else
        {
            ReleaseLater();
        }
    }

    private void OnNetworkNotReleased(Exception error)
    {
        if (_networkWanted)
        {
            MakeNetwork();
            return;
        }

        if (_releaseError != error.Message)
        {
            Notice(NoticeKind.Warning, $"the managed network could not be removed with the last worker: {error.Message}; trying again");
        }

        _releaseError = error.Message;
        ReleaseLater();
        CheckDrained();
    }

    private void ReleaseLater() => Timers.StartSingleTimer(nameof(ReleaseDue), ReleaseDue.Instance, ReleaseRetry.After(++_releases));

    /// <summary>Forgets backoffs and asks again, on an operator's word.</summary>
    private void ReconcileNetwork()
    {
        _networkGate = ProvisioningBackoff.Open;
        if (!_networkReleased)
        {
            MakeNetwork();
        }
    }

    private sealed record NetworkDue
    {
        public static readonly NetworkDue Instance = new();
    }

    private sealed record ReleaseDue
    {
        public static readonly ReleaseDue Instance = new();
    }
}
