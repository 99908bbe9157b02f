using FjBellows.Dispatch;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Single calls over connections that stand go wrong.</summary>
/// <param name="At">When it begins.</param>
/// <param name="Call">Which call (connect, check, start, follow, followed, inspect, signal, clean).</param>
/// <param name="Fate">What becomes of it.</param>
/// <param name="Machine">The number of the only machine that is hit; null for all.</param>
/// <param name="Times">How often it strikes; null for as long as it lasts.</param>
/// <param name="Chance">How likely a call is hit.</param>
internal sealed record CommandsFail(TimeSpan At, string Call, CallFate Fate, int? Machine, int? Times, double Chance) : HistoryEvent(At)
{
    /// <summary>What the call fails with; null for an exit code.</summary>
    public SessionErrorKind? Error { get; init; }

    /// <summary>What the worker says.</summary>
    public string Says { get; init; } = "the command ended with exit code 1";

    public bool Hits(string call) => Call == call;

    public bool IsOn(VirtualMachine machine) => Machine is not { } only || machine.Number == only;

    protected override string Tell()
    {
        var fate = Fate switch
        {
            CallFate.Fails => "fails",
            CallFate.FailsAfterwards => "is carried out and fails",
            _ => "hangs",
        };
        var often = (Times is { } times ? $", {times} times" : "") + (Chance < 1 ? $", {Chance:P0} of the time" : "");
        return $"'{Call}' {fate} on {(Machine is { } one ? $"machine {one}" : "every machine")}{often} ({Says})";
    }
}
