using System.Collections.Immutable;
using FjBellows.Providers;

namespace FjBellows.Pool;

/// <summary>What a listing asks for.</summary>
/// <param name="FirstSeen">Orphans to report.</param>
/// <param name="Due">Orphans to adopt.</param>
/// <param name="Foreign">Foreign instances to report.</param>
/// <param name="OfOtherDaemon">Instances of another daemon to report.</param>
internal sealed record OrphanActions(
    ImmutableArray<Instance> FirstSeen,
    ImmutableArray<(Instance Instance, OrphanSighting Sighting)> Due,
    ImmutableArray<Instance> Foreign,
    ImmutableArray<Instance> OfOtherDaemon);
