using Akka.Actor;
using Akka.Pattern;
using FjBellows.Pool;
using static FjBellows.Hosting.BellowsProtocol;

namespace FjBellows.Hosting;

/// <summary>Starts a pool per configured pool, and starts it again, later and later, when its journal fails. It reads nothing
/// itself.</summary>
internal sealed class BellowsActor : ReceiveActor
{
    private static readonly TimeSpan StatusLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DrainAgain = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, IActorRef> _pools = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<PoolRuntime> _runtimes;

    public BellowsActor(IReadOnlyList<PoolRuntime> runtimes)
    {
        _runtimes = runtimes;
        Receive<FindPool>(m => Sender.Tell(_pools.TryGetValue(m.Name, out var pool)
            ? new PoolFound(m.Name, pool)
            : new PoolUnknown(m.Name, [.. _pools.Keys])));
        Receive<GetStatus>(_ => AskAllAsync().PipeTo(Sender));
        Receive<DrainAll>(m => DrainAllAsync(m.DeleteWorkers).PipeTo(Sender));
    }

    public static Props Props(IReadOnlyList<PoolRuntime> runtimes, string dispatcher)
    {
        var props = Akka.Actor.Props.Create<BellowsActor>(runtimes);
        return dispatcher.Length == 0 ? props : props.WithDispatcher(dispatcher);
    }

    protected override void PreStart()
    {
        foreach (var runtime in _runtimes)
        {
            var supervisor = BackoffSupervisor.Props(Backoff.OnStop(
                PoolActor.Props(runtime),
                "pool",
                TimeSpan.FromSeconds(1),
                TimeSpan.FromSeconds(30),
                randomFactor: 0,
                maxNrOfRetries: -1).WithAutoReset(TimeSpan.FromMinutes(1)));
            _pools[runtime.Settings.Name] = Context.ActorOf(runtime.On(supervisor), $"pool-{runtime.Settings.Name}");
        }
    }

    private async Task<BellowsStatus> AskAllAsync()
    {
        var asked = _pools.Select(p => (p.Key, Answer: p.Value.Ask<PoolStatus>(PoolProtocol.GetStatus.Instance, StatusLimit))).ToArray();
        var answered = new List<PoolStatus>();
        var silent = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, answer) in asked)
        {
            try
            {
                answered.Add(await answer.ConfigureAwait(false));
            }
            catch (AskTimeoutException)
            {
                silent[name] =
                    $"no answer within {StatusLimit.TotalSeconds} s: the pool is reading its journal, or its journal cannot be read or " +
                    $"written; see the log";
            }
        }

        return new BellowsStatus(answered, silent);
    }

    private async Task<AllDrained> DrainAllAsync(bool deleteWorkers)
    {
        var answers = await Task.WhenAll(_pools.Values.Select(p => DrainAsync(p, deleteWorkers))).ConfigureAwait(false);
        return new AllDrained(answers.Sum(a => a.WorkersLeft));
    }

    /// <summary>Asks until it is done: a pool whose journal fails is another actor afterwards, and has not heard the word.</summary>
    private static async Task<PoolProtocol.Drained> DrainAsync(IActorRef pool, bool deleteWorkers)
    {
        while (true)
        {
            try
            {
                return await pool.Ask<PoolProtocol.Drained>(new PoolProtocol.DrainPool(deleteWorkers), DrainAgain).ConfigureAwait(false);
            }
            catch (AskTimeoutException)
            {
                // Draining takes as long as the longest job.
            }
        }
    }
}
