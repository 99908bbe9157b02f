using FjBellows.Billing;
using FjBellows.Providers;

namespace FjBellows.Sandbox.Virtual;

/// <summary>A cloud on virtual time: what was created, when it was gone, and every way of failing to order.</summary>
public sealed class VirtualCloud : ICloudProvider, ICloudTime
{
    private readonly VirtualClock _clock;
    private readonly List<VirtualMachine> _machines = [];
    private readonly List<VirtualMachine> _alive = [];
    private int _next;

    /// <summary>An empty account.</summary>
    /// <param name="clock">The world's clock.</param>
    /// <param name="billing">How it bills.</param>
    public VirtualCloud(VirtualClock clock, BillingModel billing)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _clock = clock;
        Billing = billing;
    }

    /// <inheritdoc />
    public string Name => "virtual";

    /// <inheritdoc />
    public BillingModel Billing { get; }

    /// <inheritdoc />
    public ProviderCapabilities Capabilities { get; } = new(16 * 1024, AcceptsGzip: false);

    /// <inheritdoc />
    public CloudParts Parts => TellsTime ? new CloudParts { Time = this } : CloudParts.None;

    /// <summary>False for a cloud whose answers do not tell its time.</summary>
    public bool TellsTime { get; set; } = true;

    /// <inheritdoc />
    public DateTimeOffset? LastAnswer { get; private set; }

    /// <summary>What an instance costs an hour.</summary>
    public decimal? HourlyPrice { get; set; } = 0.03m;

    /// <summary>False to forget machines that are gone, for histories of many thousands of them.</summary>
    public bool Remembers { get; set; } = true;

    /// <summary>How long a create call takes.</summary>
    public TimeSpan CreateTakes { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How much later than its effect a create call's answer comes: meanwhile the machine is listed.</summary>
    public TimeSpan CreateAnswerTakes { get; set; }

    /// <summary>How long another call takes.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>From a machine's creation to its readiness, by its number from 1; null means never.</summary>
    public Func<int, TimeSpan?> BootTakes { get; set; } = _ => TimeSpan.FromSeconds(40);

    /// <summary>Asked on every call, by its name (create, list, get, delete): an exception is thrown before anything is done.</summary>
    public Func<string, Exception?>? Fails { get; set; }

    /// <summary>Asked on every call: true loses the answer after the call was carried out.</summary>
    public Func<string, bool>? LosesAnswer { get; set; }

    /// <summary>Asked as a call leaves, by its name: false when its caller is dead, so that it never leaves.</summary>
    public Func<string, bool>? Leaves { get; set; }

    /// <summary>Called when a call was carried out, before its answer goes back.</summary>
    public Action<string>? CarriedOut { get; set; }

    /// <summary>Called for every machine made.</summary>
    public Action<VirtualMachine>? Made { get; set; }

    /// <summary>Called before a machine is deleted by a call.</summary>
    public Action<VirtualMachine>? Deleting { get; set; }

    /// <summary>Called for every process that starts on a machine.</summary>
    public Action<VirtualMachine, VirtualProcess>? ProcessStarted { get; set; }

    /// <summary>Called before a process is signalled.</summary>
    public Action<VirtualMachine, VirtualProcess>? Signalling { get; set; }

    /// <summary>Says of which machines a question by id denies the existence.</summary>
    public Func<VirtualMachine, bool>? Denies { get; set; }

    /// <summary>Says which machines a listing leaves out, as a lagging index does.</summary>
    public Func<VirtualMachine, bool>? Hides { get; set; }

    /// <summary>By how much the cloud's clock is ahead of the true time.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>True for a cloud that gives a new machine the id of one that is gone.</summary>
    public bool ReusesIds { get; set; }

    /// <summary>The most machines the account may have, whatever their state; null for no limit.</summary>
    public int? Quota { get; set; }

    /// <summary>Asked for each new machine: true makes one that the cloud itself could not build. It is listed, counted and never
    /// boots.</summary>
    public Func<bool>? MakesBroken { get; set; }

    /// <summary>Asked on every call that <see cref="Fails"/> refuses: how much later it is carried out all the same; null for
    /// never.</summary>
    public Func<string, TimeSpan?>? SucceedsLater { get; set; }

    /// <summary>Every machine that was ever made, gone ones included.</summary>
    public IReadOnlyList<VirtualMachine> Machines => _machines;

    /// <summary>The machines that exist.</summary>
    public IEnumerable<VirtualMachine> Alive
    {
        get
        {
            _alive.RemoveAll(m => m.GoneAt is not null);
            return _alive;
        }
    }

    /// <summary>Calls so far, by name.</summary>
    public Dictionary<string, int> Calls { get; } = [];

    /// <summary>Puts a machine there that no one asked for.</summary>
    public VirtualMachine Plant(string name, params string[] tags) => Plant(name, TimeSpan.Zero, tags);

    /// <summary>Makes a machine that no one asked for and that was created some time ago.</summary>
    /// <param name="age">For how long the cloud says that it has existed.</param>
    public VirtualMachine Plant(string name, TimeSpan age, params string[] tags) => Make(name, tags, age);

    /// <summary>Takes a machine away without anybody's asking, as a failed host does.</summary>
    public void Lose(VirtualMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        machine.Destroy(_clock.Now);
    }

    /// <inheritdoc />
    public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return CallAsync(
            "create",
            CreateTakes,
            () =>
            {
                var existing = Alive.FirstOrDefault(m => m.Instance.Name == spec.Name);
                return existing is null && Quota is { } most && Alive.Count() >= most
                    ? throw new CloudException(CloudErrorKind.QuotaExceeded, $"the account may have {most} instances")
                    : existing is null
                    ? Make(spec.Name, [spec.Ownership.Tag, spec.Ownership.Owner, .. spec.Marks]).Instance
                    : spec.Ownership.Owns(existing.Instance)
                        ? existing.Instance
                        : throw new CloudException(CloudErrorKind.Conflict, $"an instance named {spec.Name} exists and is not ours");
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        return CallAsync<IReadOnlyList<Instance>>(
            "list",
            Latency,
            () => [.. Alive.Where(m => m.Instance.Tags.Contains(ownership.Tag) && Hides?.Invoke(m) != true).Select(m => m.Instance)],
            cancellationToken);
    }

    /// <inheritdoc />
    public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        CallAsync(
            "get", Latency, () => Alive.FirstOrDefault(m => m.Instance.Id == id && Denies?.Invoke(m) != true)?.Instance, cancellationToken);

    /// <inheritdoc />
    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) => CallAsync(
        "delete",
        Latency,
        () =>
        {
            if (Alive.FirstOrDefault(m => m.Instance.Id == id && (!ReusesIds || m.Instance.Name == name)) is { } machine)
            {
                Deleting?.Invoke(machine);
                machine.Destroy(_clock.Now);
                return true;
            }

            throw new CloudException(CloudErrorKind.NotFound, $"instance {id} does not exist");
        },
        cancellationToken);

    /// <summary>A cloud that reuses ids gives the lowest one that is free.</summary>
    private InstanceId IdOf(int number) =>
        new($"i-{(ReusesIds ? Enumerable.Range(1, number).First(n => Alive.All(m => m.Instance.Id.Value != $"i-{n}")) : number)}");

    private VirtualMachine Make(string name, string[] tags, TimeSpan age = default)
    {
        var number = ++_next;
        var broken = MakesBroken?.Invoke() == true;
        var machine = new VirtualMachine(
            new Instance(
                IdOf(number), name, broken ? InstanceStatus.Unknown : InstanceStatus.Running, _clock.Now + ClockOffset - age,
                [$"192.0.2.{number % 250}"], tags, "virtual/small", HourlyPrice),
            number,
            _clock.Now,
            !broken && BootTakes(number) is { } boot ? _clock.Now + boot : null);
        machine.ProcessStarted = process => ProcessStarted?.Invoke(machine, process);
        machine.Signalling = process => Signalling?.Invoke(machine, process);
        if (Remembers)
        {
            _machines.Add(machine);
        }

        _alive.Add(machine);
        Made?.Invoke(machine);
        return machine;
    }

    private async Task<T> CallAsync<T>(string name, TimeSpan takes, Func<T> call, CancellationToken cancellationToken)
    {
        Calls[name] = Calls.GetValueOrDefault(name) + 1;
        if (Leaves?.Invoke(name) == false)
        {
            return await new TaskCompletionSource<T>().Task.ConfigureAwait(false);
        }

        // A request that has left is carried out, whoever still waits for its answer.
        var sent = new TaskCompletionSource<T>();
        _clock.Schedule(takes, () =>
        {
            if (Fails?.Invoke(name) is { } failure)
            {
                if (SucceedsLater?.Invoke(name) is { } late)
                {
                    _clock.Schedule(late, () => call());
                }

                sent.TrySetException(failure);
                return;
            }

            try
            {
                var answer = call();
                CarriedOut?.Invoke(name);
                if (LosesAnswer?.Invoke(name) == true)
                {
                    sent.TrySetException(new CloudException(CloudErrorKind.Transient, $"{name}: the answer was lost"));
                }
                else
                {
                    _clock.Schedule(name == "create" ? CreateAnswerTakes : TimeSpan.Zero, () => sent.TrySetResult(answer));
                }
            }
            catch (CloudException e)
            {
                sent.TrySetException(e);
            }
        });
        var result = await sent.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        LastAnswer = _clock.Now + ClockOffset;
        return result;
    }
}
