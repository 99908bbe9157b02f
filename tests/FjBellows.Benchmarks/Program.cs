using System.Globalization;
using System.Runtime.Versioning;
using FjBellows.Benchmarks;
using FjBellows.Benchmarks.Control;
using FjBellows.Benchmarks.Journal;
using FjBellows.Benchmarks.Pool;
using FjBellows.Benchmarks.Published;
using FjBellows.Benchmarks.Ssh;

[assembly: SupportedOSPlatform("linux")]

switch (args)
{
    case ["header"]:
        return Figure.Header();
    case ["plan"]:
        return PlanBenchmark.Run();
    case ["control"]:
        return await ControlBenchmark.RunAsync();
    case ["journal"]:
        return await JournalBenchmark.RunAsync();
    case ["burst", "--runner", .. { Length: > 0 } runner]:
        return await BurstBenchmark.RunAsync(runner);
    case ["pickup", "--runner", .. { Length: > 0 } runner]:
        return await PickupBenchmark.RunAsync(runner);
    case ["start", var program]:
        return await StartBenchmark.RunAsync(program);
    case ["idle", var program]:
        return await IdleBenchmark.RunAsync(program);
    case ["recovery", var program]:
        return await RecoveryBenchmark.RunAsync(program);
    case ["ssh-dispatch"]:
        return await DispatchBenchmark.RunAsync();
    case ["ssh-sessions", var count]:
        return await SessionsBenchmark.RunAsync(int.Parse(count, CultureInfo.InvariantCulture));
    case ["ssh-pool-latency"]:
        return await PoolLatencyBenchmark.RunAsync();
    default:
        Console.Error.WriteLine(
            """
            usage: FjBellows.Benchmarks FIGURE
              plan                       a plan over 1,000 workers and 10,000 jobs
              control                    looking at 1,000 workers over HTTP
              journal                    writing one event to the journal
              burst --runner COMMAND...  50 jobs of 2 s at once on 20 warm workers
              pickup --runner COMMAND... one job at a time on warm workers
              start PROGRAM              start of the published program to its first poll
              idle PROGRAM               the published program with nothing to do
              recovery PROGRAM           the published program taking up 200 workers
              ssh-dispatch               a dispatch over SSH on a warm worker
              ssh-sessions COUNT         what warm SSH sessions cost
               ssh-pool-latency           a pool's answers beside 200 tunnelled connections
              header                     the head of the table the figures are rows of
            """);
        return 2;
}
