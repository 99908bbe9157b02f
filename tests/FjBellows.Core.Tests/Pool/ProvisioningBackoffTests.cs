using FjBellows.Pool;
using FjBellows.Providers;

namespace FjBellows.Tests.Pool;

public sealed class ProvisioningBackoffTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly BackoffSettings Waits = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

    [Theory]
    [InlineData(CloudErrorKind.Auth)]
    [InlineData(CloudErrorKind.InvalidConfig)]
    [Trait("Invariant", "R2")]
    public void What_stays_wrong_until_somebody_acts_is_not_tried_again(CloudErrorKind kind) =>
        After(ProvisioningBackoff.Open, kind, Now).Held(Now.AddDays(30)).ShouldNotBeNull().ShouldContain("reconcile");

    [Fact]
    [Trait("Invariant", "R2")]
    public void Other_refusals_wait_longer_and_longer()
    {
        var gate = ProvisioningBackoff.Open;
        var at = Now;
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 10; i++)
        {
            gate = After(gate, CloudErrorKind.CapacityOut, at);
            waits.Add(gate.Until!.Value - at);
            at = gate.Until.Value;
        }

        waits[0].ShouldBe(TimeSpan.FromSeconds(5));
        waits[1].ShouldBe(TimeSpan.FromSeconds(10));
        waits[^1].ShouldBe(TimeSpan.FromMinutes(5));
        gate.Held(at).ShouldBeNull();
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void Refusals_of_one_breath_count_once()
    {
        var once = After(ProvisioningBackoff.Open, CloudErrorKind.CapacityOut, Now);
        After(After(once, CloudErrorKind.CapacityOut, Now), CloudErrorKind.CapacityOut, Now).Failures.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void The_cloud_s_own_word_on_when_to_return_is_obeyed() =>
        ProvisioningBackoff.Open.After(CloudErrorKind.RateLimited, "slow down", TimeSpan.FromMinutes(20), Now, Waits, 1).Until.ShouldBe(Now.AddMinutes(20));

    private static ProvisioningBackoff After(ProvisioningBackoff gate, CloudErrorKind kind, DateTimeOffset at) => gate.After(kind, "no", null, at, Waits, jitter: 1);
}
