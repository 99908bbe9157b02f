using System.Runtime.Versioning;
using FjBellows.Benchmarks.Ssh;

[assembly: SupportedOSPlatform("linux")]

switch (args)
{
    case ["ssh-dispatch"]:
        return await DispatchBenchmark.RunAsync();
    case ["ssh-sessions", var count]:
        return await SessionsBenchmark.RunAsync(int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
    case ["ssh-pool-latency"]:
        return await PoolLatencyBenchmark.RunAsync();
    default:
        Console.Error.WriteLine("usage: FjBellows.Benchmarks ssh-dispatch | ssh-sessions COUNT | ssh-pool-latency");
        return 2;
}
