using Akka.Actor;
using FjBellows.Providers;
using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>Makes and removes what a provider keeps around its workers, one call at a time, when the pool says so. It never
/// decides.</summary>
internal sealed class NetworkKeeperActor : ReceiveActor
{
    private readonly PoolRuntime _pool;
    private readonly OutsideCalls _making;
    private OutsideCalls? _releasing;
    private bool _isMaking;
    private long _release;

    public NetworkKeeperActor(PoolRuntime pool)
    {
        _pool = pool;
        _making = new OutsideCalls(Self, Context.System.Scheduler);
        Receive<Make>(_ => OnMake());
        Receive<Release>(_ => OnRelease());
        Receive<Made>(Finish);
        Receive<NotMade>(Finish);
        Receive<ReleaseEnded>(m =>
        {
            if (m.Round == _release && _releasing is not null)
            {
                EndRelease();
                Context.Parent.Tell(m.Answer);
            }
        });
    }

    public static Props Props(PoolRuntime pool) => pool.On(Akka.Actor.Props.Create<NetworkKeeperActor>(pool));

    /// <summary>Asked for each time: another token comes with another provider.</summary>
    private IManagedNetwork Network =>
        _pool.Network ?? throw new InvalidOperationException("the provider keeps no network; settings cannot change that");

    protected override void PostStop()
    {
        EndRelease();
        _making.Dispose();
    }

    private void OnMake()
    {
        EndRelease();
        if (_isMaking)
        {
            return;
        }

        _isMaking = true;
        _making.Send(
            _pool.Settings.Timeouts.Create,
            token => Network.EnsureAsync(_pool.Settings.Ownership, token),
            () => Made.Instance,
            e => new NotMade(e));
    }

    private void Finish(object answer)
    {
        _isMaking = false;
        Context.Parent.Tell(answer);
    }

    private void OnRelease()
    {
        if (_isMaking || _releasing is not null)
        {
            Context.Parent.Tell(new Released(AllGone: false));
            return;
        }

        var round = ++_release;
        _releasing = new OutsideCalls(Self, Context.System.Scheduler);
        _releasing.Send(
            _pool.Settings.Timeouts.Create,
            token => Network.ReleaseAsync(_pool.Settings.Ownership, token),
            gone => new ReleaseEnded(round, new Released(gone)),
            e => new ReleaseEnded(round, new NotReleased(e)));
    }

    private void EndRelease()
    {
        _releasing?.Dispose();
        _releasing = null;
    }

    /// <summary>Make it, or bring it up to date, and give up a removal under way; answered by <see cref="Made"/> or
    /// <see cref="NotMade"/>.</summary>
    internal sealed record Make
    {
        public static readonly Make Instance = new();
    }

    /// <summary>Remove it; answered by <see cref="Released"/> or <see cref="NotReleased"/>, or not at all if <see cref="Make"/> comes
    /// first.</summary>
    internal sealed record Release
    {
        public static readonly Release Instance = new();
    }

    /// <summary>It exists and is up to date.</summary>
    internal sealed record Made
    {
        public static readonly Made Instance = new();
    }

    /// <summary>It could not be made or brought up to date.</summary>
    internal sealed record NotMade(Exception Error);

    /// <summary>A removal's end; false while something is still in use.</summary>
    internal sealed record Released(bool AllGone);

    /// <summary>The cloud could not be asked for the removal, or refused.</summary>
    internal sealed record NotReleased(Exception Error);

    private sealed record ReleaseEnded(long Round, object Answer);
}
