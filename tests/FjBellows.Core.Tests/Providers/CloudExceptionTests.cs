using FjBellows.Providers;

namespace FjBellows.Tests.Providers;

public sealed class CloudExceptionTests
{
    [Theory]
    [InlineData(CloudErrorKind.Transient, true)]
    [InlineData(CloudErrorKind.Conflict, true)]
    [InlineData(CloudErrorKind.RateLimited, false)]
    [InlineData(CloudErrorKind.CapacityOut, false)]
    [InlineData(CloudErrorKind.QuotaExceeded, false)]
    [InlineData(CloudErrorKind.InvalidConfig, false)]
    [InlineData(CloudErrorKind.Auth, false)]
    [InlineData(CloudErrorKind.NotFound, false)]
    [Trait("Invariant", "W2")]
    public void What_failed_and_whether_it_took_effect_are_two_facts(CloudErrorKind kind, bool usual)
    {
        new CloudException(kind, "refused").MayHaveTakenEffect.ShouldBe(usual);
        new CloudException(kind, "refused", mayHaveTakenEffect: true).MayHaveTakenEffect.ShouldBeTrue();
        new CloudException(kind, "refused", mayHaveTakenEffect: false).MayHaveTakenEffect.ShouldBeFalse();
    }
}
