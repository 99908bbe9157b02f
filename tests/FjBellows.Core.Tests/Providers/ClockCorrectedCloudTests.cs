using FjBellows.Billing;
using FjBellows.Providers;
using FjBellows.Time;

namespace FjBellows.Tests.Providers;

[Trait("Invariant", "B8")]
public sealed class ClockCorrectedCloudTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(8);
    private static readonly Ownership Ours = new("cid", "fjb-0000000000000001");

    private TimeSpan _elapsed;

    [Fact]
    public async Task A_listing_that_tells_the_cloud_s_time_corrects_creation_times()
    {
        var (cloud, corrected) = Begin(tells: true);
        cloud.Made.Add(At(-30));
        (await corrected.ListAsync(Ours, default)).Single().CreatedAt.ShouldBe(At(-30) - Ahead, TimeSpan.FromSeconds(2));
        corrected.Measured.IsMeasured.ShouldBeTrue();
    }

    [Fact]
    public async Task An_answer_without_a_time_measures_nothing_by_that_of_an_earlier_one()
    {
        var (cloud, corrected) = Begin(tells: true);
        await corrected.ListAsync(Ours, default);
        var measured = corrected.Measured;

        cloud.Tells = false;
        _elapsed = TimeSpan.FromMinutes(40);
        await corrected.ListAsync(Ours, default);
        corrected.Measured.ShouldBe(measured);
    }

    [Fact]
    public async Task A_cloud_that_tells_no_time_is_measured_at_a_create()
    {
        var (_, corrected) = Begin(tells: false);
        await corrected.ListAsync(Ours, default);
        corrected.Measured.IsMeasured.ShouldBeFalse();
        await corrected.CreateAsync(new InstanceSpec("cid-w001", Ours, new Secret(""), []), default);
        corrected.Measured.Difference.ShouldBe(Ahead, TimeSpan.FromSeconds(2));
    }

    private (CloudWithClock Cloud, ClockCorrectedCloud Corrected) Begin(bool tells)
    {
        var cloud = new CloudWithClock(() => Start + _elapsed + Ahead) { Tells = tells };
        return (cloud, new ClockCorrectedCloud(cloud, new PoolClock(() => Start + _elapsed, () => _elapsed), CloudClock.Unmeasured));
    }

    private static DateTimeOffset At(double minutes) => Start + Ahead + TimeSpan.FromMinutes(minutes);

    /// <summary>A cloud with a clock of its own, whose answers may tell it.</summary>
    private sealed class CloudWithClock(Func<DateTimeOffset> now) : ICloudProvider, ICloudTime
    {
        public List<DateTimeOffset> Made { get; } = [];

        public bool Tells { get; set; }

        public DateTimeOffset? LastAnswer { get; private set; }

        public string Name => "clock";

        public BillingModel Billing => BillingModel.Hourly;

        public ProviderCapabilities Capabilities { get; } = new(0, AcceptsGzip: false);

        public CloudParts Parts => new() { Time = this };

        public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken) => Answer(Of(now()));

        public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
            Answer<IReadOnlyList<Instance>>([.. Made.Select(Of)]);

        public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => Answer<Instance?>(null);

        public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) => Answer(true);

        private static Instance Of(DateTimeOffset createdAt) =>
            new(new InstanceId("i-1"), "cid-w001", InstanceStatus.Running, createdAt, [], [], "", null);

        private Task<T> Answer<T>(T answer)
        {
            LastAnswer = Tells ? now() : LastAnswer;
            return Task.FromResult(answer);
        }
    }
}
