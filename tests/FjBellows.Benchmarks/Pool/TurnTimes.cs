using System.Collections.Concurrent;
using Akka.Actor;
using FjBellows.Pool;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Benchmarks.Pool;

/// <summary>
/// Where the time goes between two jobs of one worker: the runner's last word to Forgejo, the pool's notice that the job has ended, its
/// decision on the next one, that one's registration, and its start.
/// </summary>
internal sealed class TurnTimes : IDisposable
{
    private static readonly string[] Steps = ["end seen", "next one decided", "runner registered", "job started"];

    private readonly ConcurrentQueue<(string Worker, int Step, DateTimeOffset At)> _marks = new();
    private readonly ForgeState _forge;
    private readonly IActorRef _listener;

    public TurnTimes(ActorSystem system, ForgeState forge)
    {
        _forge = forge;
        _listener = system.ActorOf(Props.Create(() => new Listener(OnNotice)));
        system.EventStream.Subscribe(_listener, typeof(PoolNotice));
        forge.Happened += OnForge;
    }

    /// <summary>The medians of the steps of every turn since the last call, in milliseconds.</summary>
    public string Take()
    {
        var marks = _marks.ToArray();
        _marks.Clear();
        var times = Steps.Select(_ => new List<double>()).ToArray();
        foreach (var worker in marks.GroupBy(m => m.Worker))
        {
            var ordered = worker.OrderBy(m => m.At).ToArray();
            for (var i = 0; i + Steps.Length < ordered.Length; i++)
            {
                if (ordered.Skip(i).Take(Steps.Length + 1).Select(m => m.Step).SequenceEqual(Enumerable.Range(0, Steps.Length + 1)))
                {
                    for (var step = 0; step < Steps.Length; step++)
                    {
                        times[step].Add((ordered[i + step + 1].At - ordered[i + step].At).TotalMilliseconds);
                    }
                }
            }
        }

        return times[0].Count == 0
            ? "no turns"
            : $"{times[0].Count} turns, medians in ms: " +
                string.Join(", ", Steps.Zip(times, (name, list) => $"{name} {Figure.At(list, 0.5):0}"));
    }

    public void Dispose()
    {
        _forge.Happened -= OnForge;
        _listener.Tell(PoisonPill.Instance);
    }

    private void OnNotice(PoolNotice notice)
    {
        if (notice is { Worker: { } worker, Kind: NoticeKind.JobEnded or NoticeKind.JobDispatched })
        {
            _marks.Enqueue((worker, notice.Kind == NoticeKind.JobEnded ? 1 : 2, notice.At));
        }
    }

    private void OnForge(ForgeEvent happened)
    {
        var step =
            happened.Kind switch
            {
                ForgeEventKind.JobEnded => 0,
                ForgeEventKind.RunnerRegistered => 3,
                ForgeEventKind.JobStarted => 4,
                _ =>
                -1
            };
        if (step >= 0 && (happened.Runner ?? happened.Job?.Current?.Runner) is { } runner)
        {
            _marks.Enqueue((runner[..runner.LastIndexOf('-')], step, happened.At));
        }
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(Action<PoolNotice> take) => Receive<PoolNotice>(take);
    }
}
