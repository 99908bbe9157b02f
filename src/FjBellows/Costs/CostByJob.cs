using System.Globalization;
using FjBellows.Billing;
using FjBellows.Pool;

namespace FjBellows.Costs;

/// <summary>What one recurring job cost: the runs of one repository and name.</summary>
/// <param name="Runs">How often it ran.</param>
/// <param name="Busy">Time in which it ran.</param>
/// <param name="Median">Half of its runs took no longer.</param>
/// <param name="Share">Its part of all time in which jobs ran; the same part of what was billed is its own.</param>
/// <param name="Waits">How long it waited.</param>
/// <param name="Repo">The repository as it was last called, <c>owner/name</c>; null where only its id is known.</param>
public sealed record CostByJob(JobKind Kind, int Runs, TimeSpan Busy, TimeSpan Median, double Share, WaitFigures Waits, string? Repo = null)
{
    /// <summary>The job as people call it: its repository, by name where it is known, and its own name.</summary>
    public override string ToString() => $"{Repo ?? Kind.RepoId.ToString(CultureInfo.InvariantCulture)} {Kind.Name}";

    /// <summary>The jobs of a history, the dearest first.</summary>
    /// <param name="outcomes">The dispatches that ended.</param>
    public static IReadOnlyList<CostByJob> Of(IReadOnlyCollection<DispatchOutcome> outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        var ran = outcomes.Where(CostReport.Ran).ToArray();
        var all = CostReport.Sum(ran.Select(o => o.Ran));
        return
        [
            .. ran.GroupBy(o => JobKind.Of(o.Assignment.Job)).Select(kind =>
            {
                var busy = CostReport.Sum(kind.Select(o => o.Ran));
                return new CostByJob(
                    kind.Key,
                    kind.Count(),
                    busy,
                    new TimeEstimate(kind.Select(o => o.Ran)).Median,
                    all > TimeSpan.Zero ? busy / all : 0,
                    CostReport.WaitsOf(kind),
                    CostByRepository.NameOf(kind));
            }).OrderByDescending(c => c.Busy).ThenBy(c => c.Kind.RepoId).ThenBy(c => c.Kind.Name, StringComparer.Ordinal),
        ];
    }
}
