using FjBellows.Sandbox.Forge;

namespace FjBellows.Daemon.Demo;

/// <summary>Queues the demo's jobs: a burst, a run that lasts into a second billed hour, and stragglers that find warm workers.</summary>
internal sealed class DemoFeed
{
    private const string LongRun = """
        name: nightly
        on: [schedule]
        jobs:
          soak:
            runs-on: debian
            steps:
              - name: soak
                shell: sh
                run: |
                  echo "a job that outlasts its worker's billed hour"
                  sleep SECONDS
        """;

    private readonly List<(TimeSpan At, IReadOnlyList<ForgeJobRequest> Jobs)> _runs = [];

    private DemoFeed()
    {
    }

    /// <summary>Jobs in all.</summary>
    public int Count => _runs.Sum(r => r.Jobs.Count);

    /// <summary>The labels that they ask for.</summary>
    public IEnumerable<string> Labels => _runs.SelectMany(r => r.Jobs).SelectMany(j => j.RunsOn).Distinct(StringComparer.Ordinal);

    /// <summary>Plans the runs.</summary>
    /// <param name="options">The demo's options.</param>
    /// <exception cref="WorkflowException">A workflow file cannot be used.</exception>
    public static DemoFeed Plan(DemoOptions options)
    {
        var random = new Random(options.Seed);
        var samples = options.Workflows is null;
        var workflows = samples ? WorkflowFile.Samples() : WorkflowFile.ReadDirectory(options.Workflows!);
        var feed = new DemoFeed();
        var left = options.Jobs;
        if (samples && left > 4)
        {
            var seconds = Math.Ceiling(options.Hour.TotalSeconds * 1.1);
            Add(TimeSpan.Zero, WorkflowFile.Parse(
                LongRun.Replace("SECONDS", $"{seconds:0}", StringComparison.Ordinal), "nightly.yaml").Jobs);
        }

        // Two thirds come as a burst; the rest while workers are warm.
        var burst = options.Jobs * 2 / 3;
        for (var i = random.Next(workflows.Count); left > 0; i++)
        {
            var jobs = Fit(workflows[i % workflows.Count].Jobs, left);
            Add(options.Jobs - left < burst ? TimeSpan.Zero : TimeSpan.FromSeconds(15 + random.Next(6)), jobs);
        }

        return feed;

        void Add(TimeSpan at, IReadOnlyList<ForgeJobRequest> jobs)
        {
            feed._runs.Add((at, jobs));
            left -= jobs.Count;
        }
    }

    /// <summary>Queues what is not queued yet.</summary>
    /// <param name="forge">The stand-in.</param>
    public async Task RunAsync(ForgeServer forge, TimeProvider time, CancellationToken cancellationToken)
    {
        var begun = time.GetUtcNow();
        var queued = forge.State.Jobs().Count;
        foreach (var (at, jobs) in _runs)
        {
            if (queued >= jobs.Count)
            {
                queued -= jobs.Count; // An earlier demo queued it.
                continue;
            }

            var wait = begun + at - time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            }

            forge.State.Enqueue("octo/demo", jobs);
            await forge.SaveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>As many of a workflow's jobs as are wanted; jobs that need one left out are left out too.</summary>
    private static IReadOnlyList<ForgeJobRequest> Fit(IReadOnlyList<ForgeJobRequest> jobs, int most)
    {
        if (jobs.Count <= most)
        {
            return jobs;
        }

        var free = jobs.Where(j => j.Needs.Count == 0).Take(most).ToArray();
        return free.Length > 0 ? free : jobs;
    }
}
