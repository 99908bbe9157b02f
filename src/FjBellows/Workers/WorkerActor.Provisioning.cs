using Akka.Actor;
using Akka.Event;
using FjBellows.Dispatch;
using FjBellows.Providers;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>From the intention to the first readiness.</summary>
internal sealed partial class WorkerActor
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private bool _creating;
    private string? _unwanted;
    private DateTimeOffset? _lookupSince;
    private int _lookupMisses;
    private string _bootDetail = "nothing answered yet";

    private void ReceiveProvisioning()
    {
        Command<Provision>(m =>
        {
            if (_state.Phase is null)
            {
                _calls.Send(
                    Timeouts.Create,
                    token => _pool.Ports.Connector.SeedAsync(_name, token),
                    seed => new Seeded(seed, m.Why),
                    e => new SeedFailed(e, m.Why));
            }
        });
        Command<Seeded>(OnSeeded);
        Command<SeedFailed>(m =>
        {
            Context.Parent.Tell(new ProvisioningFailed(_name, CloudErrorKind.InvalidConfig, $"the worker's first-boot document could not be made: {m.Error.Message}", null));
            NeverCalled(m.Why, m.Error.Message);
        });
        Command<CreateAnswered>(OnCreateAnswered);
        Command<CreateFailed>(OnCreateFailed);
        Command<LookupDue>(_ => Lookup());
        Command<LookupAnswered>(OnLookup);
        Command<LookupFailed>(m =>
        {
            _log.Warning("worker {Worker}: its instance could not be looked for by name: {Error}; looking again", _name, m.Error.Message);
            Timers.StartSingleTimer(nameof(LookupDue), LookupDue.Instance, LookAgain);
        });
        Command<InstanceSeen>(OnInstanceSeen);
        Command<AddressDue>(_ => AskForAddress());
        Command<AddressAnswered>(m =>
        {
            if (m.Instance is { Addresses.Count: > 0 } instance)
            {
                LearnAddresses(instance.Addresses);
            }
            else if (_state.Addresses.Count == 0)
            {
                Timers.StartSingleTimer(nameof(AddressDue), AddressDue.Instance, LookAgain);
            }
        });
        Command<BootDue>(_ =>
        {
            if (_state.Phase == WorkerPhase.Provisioning && _state.InstanceId is not null)
            {
                BeginRemoval($"not ready within {Timeouts.Boot} (boot_timeout): {_bootDetail}");
            }
        });
    }

    private void ResumeProvisioning()
    {
        if (_state.InstanceId is null)
        {
            // Whether the create call ever left is not known: look before anything else is bought (invariant W2).
            BeginLookup();
            return;
        }

        ArmBoot();
        OpenSession();
    }

    private void OnSeeded(Seeded m)
    {
        if (_unwanted is { } why)
        {
            // The word to end came before the cloud was called.
            NeverCalled(m.Why, why);
            return;
        }

        Intend(m);
    }

    /// <summary>It ends before the cloud was called for it.</summary>
    private void NeverCalled(string planned, string why) => Record(
        () => ReportGone($"never bought: {why}"),
        new WorkerIntended(Now, _pool.Settings.Name, _name, null, planned),
        new InstanceGone(Now, $"never bought: {why}"));

    /// <summary>The intent is written down before the cloud is called (invariant W2).</summary>
    private void Intend(Seeded m) => Record(
        () =>
        {
            Report();
            _creating = true;
            var spec = new InstanceSpec(_name, _pool.Settings.Ownership, m.Seed.UserData, m.Seed.AuthorizedKeys) { Marks = HostKeyMarks.Of(m.Seed.HostKey) };
            _calls.Send(Timeouts.Create, token => _pool.Ports.Cloud.CreateAsync(spec, token), i => new CreateAnswered(i), e => new CreateFailed(e));
        },
        new WorkerIntended(Now, _pool.Settings.Name, _name, m.Seed.HostKey, m.Why));

    private void OnCreateAnswered(CreateAnswered m)
    {
        _creating = false;
        if (_state.InstanceId is null && _state.Phase is WorkerPhase.Provisioning or WorkerPhase.Removing)
        {
            Adopt(m.Instance, adopted: false);
        }
    }

    private void OnCreateFailed(CreateFailed m)
    {
        _creating = false;
        if (_state.InstanceId is not null || _state.Phase is not (WorkerPhase.Provisioning or WorkerPhase.Removing))
        {
            return;
        }

        if (m.Error is CloudException { MayHaveTakenEffect: false } refused)
        {
            NeverCreated(refused.Kind, refused.Message, refused.RetryAfter);
            return;
        }

        _log.Warning("worker {Worker}: the answer to its create call was lost ({Error}); looking for the instance by name before anything else is bought", _name, m.Error.Message);
        BeginLookup();
    }

    private void NeverCreated(CloudErrorKind kind, string message, TimeSpan? retryAfter) => Record(
        () =>
        {
            Context.Parent.Tell(new ProvisioningFailed(_name, kind, message, retryAfter));
            ReportGone(_state.Why);
        },
        new InstanceGone(Now, $"never bought: {message}"));

    private void BeginLookup()
    {
        _lookupSince = Now;
        _lookupMisses = 0;
        Lookup();
    }

    private void Lookup() => _calls.Send(
        _pool.Settings.Poll.RequestTimeout,
        token => _pool.Ports.Cloud.ListAsync(_pool.Settings.Ownership, token),
        all => new LookupAnswered(all.FirstOrDefault(i => i.Name == _name && _pool.Settings.Ownership.Owns(i))),
        e => new LookupFailed(e));

    private void OnLookup(LookupAnswered m)
    {
        if (_state.InstanceId is not null || _state.Phase is not (WorkerPhase.Provisioning or WorkerPhase.Removing))
        {
            return;
        }

        if (m.Instance is { } found)
        {
            Adopt(found, adopted: true);
        }
        else if (++_lookupMisses >= 2 && Now - _lookupSince >= Timeouts.CreateLookup)
        {
            NeverCreated(CloudErrorKind.Transient, $"no instance of that name in {_lookupMisses} listings over {Now - _lookupSince}", null);
        }
        else
        {
            Timers.StartSingleTimer(nameof(LookupDue), LookupDue.Instance, LookAgain);
        }
    }

    private void Adopt(Instance instance, bool adopted) => Record(
        () =>
        {
            if (_state.Phase == WorkerPhase.Removing)
            {
                DeleteInstance();
                return;
            }

            Report();
            ArmBoot();
            OpenSession();
        },
        new InstanceCreated(Now, instance.Id, instance.CreatedAt, instance.Addresses, instance.Placement, instance.HourlyPrice, adopted));

    private void OnInstanceSeen(InstanceSeen m)
    {
        _missedListings = 0;
        if (_state.Phase is null or WorkerPhase.Removed)
        {
            return;
        }

        if (_state.InstanceId is null)
        {
            // While the create call runs, its own answer tells (invariant W3).
            if (!_creating && _lookupSince is not null)
            {
                Adopt(m.Instance, adopted: true);
            }
        }
        else if (_state.InstanceId == m.Instance.Id && m.Instance.Addresses.Count > 0)
        {
            LearnAddresses(m.Instance.Addresses);
        }
    }

    private void LearnAddresses(IReadOnlyList<string> addresses)
    {
        if (_linked || _state.Phase is WorkerPhase.Removing or WorkerPhase.Removed || _state.Addresses.SequenceEqual(addresses, StringComparer.Ordinal))
        {
            return;
        }

        Record(
            () =>
            {
                Report();
                OpenSession();
            },
            new AddressesLearned(Now, addresses));
    }

    private void AskForAddress() => _calls.Send(
        _pool.Settings.Poll.RequestTimeout,
        token => _pool.Ports.Cloud.GetAsync(_state.InstanceId!.Value, token),
        instance => new AddressAnswered(instance),
        _ => new AddressAnswered(null));

    private void ArmBoot()
    {
        var due = (_state.KnownAt ?? Now) + Timeouts.Boot - Now;
        Timers.StartSingleTimer(nameof(BootDue), BootDue.Instance, due > TimeSpan.Zero ? due : TimeSpan.Zero);
    }

    private sealed record Seeded(WorkerSeed Seed, string Why);

    private sealed record SeedFailed(Exception Error, string Why);

    private sealed record CreateAnswered(Instance Instance);

    private sealed record CreateFailed(Exception Error);

    private sealed record LookupDue
    {
        public static readonly LookupDue Instance = new();
    }

    private sealed record LookupAnswered(Instance? Instance);

    private sealed record LookupFailed(Exception Error);

    private sealed record AddressDue
    {
        public static readonly AddressDue Instance = new();
    }

    private sealed record AddressAnswered(Instance? Instance);

    private sealed record BootDue
    {
        public static readonly BootDue Instance = new();
    }
}
