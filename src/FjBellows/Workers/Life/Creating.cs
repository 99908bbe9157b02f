using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Workers.Reasons;
using static FjBellows.Workers.Life.WorkerInput;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>From the intent to the first readiness (invariants W2 to W5).</summary>
internal static class Creating
{
    /// <summary>Between two look-ups of an instance by name.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    public static Step Begin(Worker w, Provision m) =>
        w.Creation is Creation.None
            ? Step.Of(w with { Creation = new Creation.Seeding(m.Why) }).Do(new Effect.Seed())
            : w.Creation is Creation.Unwanted { Before: Creation.None } unwanted
                ? Step.Of(w with { Creation = unwanted with { Before = new Creation.Seeding(m.Why) } }).Do(new Effect.Seed())
                : Step.Of(w);

    /// <summary>The intent is journaled before the cloud is called (W2); one that is not wanted any more is never created.</summary>
    public static Step Intend(Worker w, Seeded m, Moment at) => w.Creation switch
    {
        Creation.Unwanted { Before: Creation.Seeding seeding } unwanted => NeverCalled(w, seeding.Why, unwanted.Reason, at),
        Creation.Seeding seeding => Step.Of(w with { Creation = new Creation.Calling() })
            .Record(at, new WorkerIntended(at.Now, at.Settings.Name, w.Name, m.Seed.HostKey, seeding.Why))
            .Report(at)
            .Do(new Effect.CreateInstance(m.Seed)),
        _ => Step.Of(w),
    };

    /// <summary>Only a document that cannot be made is a wrong configuration; a slow one is tried again.</summary>
    public static Step NotSeeded(Worker w, SeedFailed m, Moment at)
    {
        var kind = m.Error is SessionException { Kind: SessionErrorKind.Misconfigured } or FormatException
            ? CloudErrorKind.InvalidConfig
            : CloudErrorKind.Transient;
        var planned = (w.Creation as Creation.Seeding ?? (w.Creation as Creation.Unwanted)?.Before as Creation.Seeding)?.Why ?? "";
        return Step.Of(w)
            .Do(new Effect.Tell(
                new ProvisioningFailed(w.Name, kind, $"failed to make the worker's first-boot document: {m.Error.Message}", null)))
            .Then(next => NeverCalled(next, planned, m.Error.Message, at));
    }

    /// <summary>The instance is known: by the answer of its create call, or found by its name (W2, W3).</summary>
    public static Step Identified(Worker w, Instance i, bool foundByName, Moment at) =>
        w.State.InstanceId is not null || w.Phase is not (WorkerPhase.Provisioning or WorkerPhase.Removing)
            ? Step.Of(w)
            : Step.Of(w with { Creation = new Creation.None() })
                .Record(at, new InstanceCreated(at.Now, i.Id, i.CreatedAt, i.Addresses, i.Placement, i.HourlyPrice, Adopted: foundByName))
                .Then(next => next.Phase == WorkerPhase.Removing
                    ? Deleting.Delete(next)
                    : Step.Of(next).Report(at).Then(reached => Reaching.Open(reached, at)));

    /// <summary>A create that failed for certain ends the worker; one that may have taken effect is looked for first (W2).</summary>
    public static Step NotCreated(Worker w, CreateFailed m, Moment at)
    {
        if (w.State.InstanceId is not null || w.Phase is not (WorkerPhase.Provisioning or WorkerPhase.Removing)
            || w.Creation is not Creation.Calling)
        {
            return Step.Of(w);
        }

        return m.Error is CloudException { MayHaveTakenEffect: false } refused
            ? NeverCreated(w, new ProvisioningFailed(w.Name, refused.Kind, refused.Message, refused.RetryAfter), at)
            : Find(w, at).Do(new Effect.Warn(
                "worker {Worker}: create call did not return ({Error}); looking the instance up by name before retrying", w.Name,
                m.Error.Message));
    }

    /// <summary>Looks for the instance by name before anything else is created.</summary>
    public static Step Find(Worker w, Moment at) =>
        Step.Of(w with { Creation = new Creation.Finding(at.Elapsed, 0, null) }).Do(new Effect.FindInstance());

    /// <summary>The due look-up by name is sent.</summary>
    public static Step FindAgain(Worker w) => w.Creation is Creation.Finding finding
        ? Step.Of(w with { Creation = finding with { NextAt = null } }).Do(new Effect.FindInstance())
        : Step.Of(w);

    /// <summary>The answer to a look-up by name. Without an instance in enough look-ups over enough time the create failed (W2).</summary>
    public static Step Found(Worker w, FindAnswered m, Moment at)
    {
        if (w.Creation is not Creation.Finding finding)
        {
            return Step.Of(w);
        }

        if (m.Instance is { } instance)
        {
            return Identified(w, instance, foundByName: true, at);
        }

        var looked = finding with { Misses = finding.Misses + 1, NextAt = at.Elapsed + LookAgain };
        if (looked.Misses < 2 || at.Elapsed - looked.Since < at.Timeouts.CreateLookup)
        {
            return Step.Of(w with { Creation = looked });
        }

        var why = $"no instance of that name in {looked.Misses} listings over {Time.Durations.Text(at.Elapsed - looked.Since)}";
        return NeverCreated(w, new ProvisioningFailed(w.Name, CloudErrorKind.Transient, why, null) { MayAppear = true }, at);
    }

    public static Step NotFound(Worker w, FindFailed m, Moment at) => w.Creation is Creation.Finding finding
        ? Step.Of(w with { Creation = finding with { NextAt = at.Elapsed + LookAgain } })
            .Do(new Effect.Warn("worker {Worker}: cannot look its instance up by name: {Error}; retrying", w.Name, m.Error.Message))
        : Step.Of(w);

    /// <summary>The cloud lists it. While its create call runs, that call's own answer counts (W3).</summary>
    public static Step Seen(Worker w, InstanceSeen m, Moment at)
    {
        var seen = w with { Absences = new Absences(), WasListed = true };
        if (w.State.InstanceId is null)
        {
            return w.Creation is Creation.Finding ? Identified(seen, m.Instance, foundByName: true, at) : Step.Of(seen);
        }

        return w.State.InstanceId == m.Instance.Id
            ? Reaching.Learn(seen, m.Instance.Addresses, at).Then(next => Correcting.Listed(next, m.Instance.CreatedAt, at))
            : Step.Of(seen);
    }

    /// <summary>The worker is ready for the first time (W4).</summary>
    public static Step BecameReady(Worker w, string detail, Moment at) =>
        Step.Of(w).Record(at, new WorkerBecameReady(at.Now, detail)).Report(at);

    /// <summary>It was not ready in time (W5).</summary>
    public static Step TimedOut(Worker w, Moment at) =>
        Deleting.Begin(w, new RemovalReason.BootTimedOut(at.Timeouts.Boot, w.Reach.Detail), at);

    /// <summary>The worker is not wanted any more, and the cloud was not called yet.</summary>
    public static Step Abandon(Worker w, RemovalReason reason) => Step.Of(w with
    {
        Creation = w.Creation is Creation.Unwanted ? w.Creation : new Creation.Unwanted(w.Creation, reason.ToString()),
    });

    /// <summary>It ends before the cloud was called for it.</summary>
    private static Step NeverCalled(Worker w, string planned, string why, Moment at) => Step.Of(w with { Creation = new Creation.None() })
        .Record(at, new WorkerIntended(at.Now, at.Settings.Name, w.Name, null, planned))
        .Record(at, new InstanceGone(at.Now, $"never created: {why}"))
        .Then(next => Deleting.ReportGone(next, $"never created: {why}", at));

    private static Step NeverCreated(Worker w, ProvisioningFailed failed, Moment at) => Step.Of(w with { Creation = new Creation.None() })
        .Record(at, new InstanceGone(at.Now, $"never created: {failed.Message}"))
        .Do(new Effect.Tell(failed))
        .Then(next => Deleting.ReportGone(next, next.State.Why, at));
}
