using FjBellows.Providers;
using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>Turns on what the provider keeps around the workers: made at the start, so that a missing permission is seen then and not at
/// the first job; kept up to date while there are workers; removed with the last of them.</summary>
internal static class NetworkTurns
{
    // Long enough for the provisioning that the last worker's end makes room for.
    private static readonly TimeSpan ReleaseAfter = TimeSpan.FromSeconds(10);
    private static readonly BackoffSettings ReleaseRetry = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

    /// <summary>The pool begins.</summary>
    public static void Begin(Turn t)
    {
        if (t.Pool.Network is not null)
        {
            t.Known = t.Known with { Network = new NetworkState { IsManaged = true, Wanted = t.Known.Workers.Count > 0 } };
            Make(t);
        }
    }

    /// <summary>Follows whether there are workers that need a network. Called whenever one came or went.</summary>
    public static void FollowWorkers(Turn t)
    {
        var wanted = t.Known.Workers.Values.Any(w => w.View is not null || w.IsAwaited);
        if (!t.Known.Network.IsManaged || wanted == t.Known.Network.Wanted)
        {
            return;
        }

        Change(t, n => n with { Wanted = wanted });
        if (wanted)
        {
            // This also ends a removal under way, and follows what moved meanwhile.
            Make(t);
        }
        else if (t.Known.Drain is { DeleteWorkers: true })
        {
            Release(t);
        }
        else
        {
            t.Do(new PoolEffect.Later(nameof(ReleaseDue), ReleaseDue.Instance, ReleaseAfter));
        }
    }

    /// <summary>Makes it, or brings it up to date.</summary>
    public static void Make(Turn t)
    {
        if (t.Known.Network.IsManaged)
        {
            Change(t, n => n with { Released = false, ReleaseError = null, Releases = 0 });
            t.Do(new PoolEffect.Never(nameof(ReleaseDue)));
            t.Do(new PoolEffect.TellNetwork(NetworkKeeperActor.Make.Instance));
        }
    }

    /// <summary>Removes it unless a worker needs it.</summary>
    public static void Release(Turn t)
    {
        if (t.Known.Network is { IsManaged: true, Wanted: false, Released: false })
        {
            t.Do(new PoolEffect.Never(nameof(NetworkDue)));
            t.Do(new PoolEffect.TellNetwork(NetworkKeeperActor.Release.Instance));
        }
    }

    /// <summary>Forgets backoffs and asks again, on an operator's request.</summary>
    public static void Reconcile(Turn t)
    {
        Change(t, n => n with { Making = ProvisioningBackoff.Open });
        if (!t.Known.Network.Released)
        {
            Make(t);
        }
    }

    /// <summary>It exists and is up to date.</summary>
    public static void Made(Turn t)
    {
        if (t.Known.Network.Hold is not null)
        {
            t.Notice(NoticeKind.WorkerChanged, "network_recovered", "the managed network is made; provisioning resumes", []);
        }

        Change(t, n => n with { Exists = true, Making = ProvisioningBackoff.Open });
        Refresh(t);
    }

    /// <summary>Without its network no worker can be created, so provisioning waits for it. One that exists already is unchanged by the
    /// failure.</summary>
    public static void NotMade(Turn t, Exception error)
    {
        if (t.Known.Network.Exists)
        {
            const string Template = "cannot bring the managed network up to date: {Error}; it stays as it was";
            if (Refresh(t) is { } interval)
            {
                t.Notice(NoticeKind.Warning, "network_stale", Template + ", next try in {Wait}", [error.Message, Durations.Text(interval)]);
            }
            else
            {
                t.Notice(NoticeKind.Warning, "network_stale", Template, [error.Message]);
            }

            return;
        }

        var (kind, retryAfter) = error is CloudException cloud ? (cloud.Kind, cloud.RetryAfter) : (CloudErrorKind.Transient, null);
        var isNews = t.Known.Network.Making.Last is null || t.Known.Network.Message != error.Message;
        var settings = t.Settings;
        Change(t, n => n with
        {
            Message = error.Message,
            Making = n.Making.CreateFailed(
                kind, error.Message, retryAfter, t.Now, settings.Timeouts.CreateRetry, WorkerTurns.Jitter(settings.Name)),
        });
        if (t.Known.Network.Hold is { } hold)
        {
            if (hold.Until is { } until)
            {
                t.Do(new PoolEffect.Later(nameof(NetworkDue), NetworkDue.Instance, until - t.Now));
            }

            if (isNews)
            {
                t.Notice(NoticeKind.Warning, hold.Code, "{Hold}", [hold.ToString()]);
            }
        }
    }

    /// <summary>A removal ended.</summary>
    public static void Released(Turn t, bool allGone)
    {
        Change(t, n => n with { ReleaseError = null });
        if (t.Known.Network.Wanted)
        {
            Make(t);
        }
        else if (allGone)
        {
            Change(t, n => n with { Exists = false, Released = true });
            t.Notice(NoticeKind.WorkerChanged, "network_released", "deleted the managed network, no worker is left", []);
        }
        else
        {
            ReleaseLater(t);
        }
    }

    /// <summary>A removal failed.</summary>
    public static void NotReleased(Turn t, Exception error)
    {
        if (t.Known.Network.Wanted)
        {
            Make(t);
            return;
        }

        if (t.Known.Network.ReleaseError != error.Message)
        {
            t.Notice(
                NoticeKind.Warning, "network_release_failed",
                "cannot delete the managed network with the last worker: {Error}; trying again", [error.Message]);
        }

        Change(t, n => n with { ReleaseError = error.Message });
        ReleaseLater(t);
    }

    private static TimeSpan? Refresh(Turn t)
    {
        var refresh = t.Pool.Network?.RefreshInterval;
        if (refresh is { } interval)
        {
            t.Do(new PoolEffect.Later(nameof(NetworkDue), NetworkDue.Instance, interval));
        }

        return refresh;
    }

    private static void ReleaseLater(Turn t)
    {
        Change(t, n => n with { Releases = n.Releases + 1 });
        t.Do(new PoolEffect.Later(nameof(ReleaseDue), ReleaseDue.Instance, ReleaseRetry.After(t.Known.Network.Releases)));
    }

    private static void Change(Turn t, Func<NetworkState, NetworkState> change) =>
        t.Known = t.Known with { Network = change(t.Known.Network) };
}

/// <summary>The managed network is to be brought up to date.</summary>
internal sealed record NetworkDue
{
    public static readonly NetworkDue Instance = new();
}

/// <summary>The managed network is to be removed.</summary>
internal sealed record ReleaseDue
{
    public static readonly ReleaseDue Instance = new();
}
