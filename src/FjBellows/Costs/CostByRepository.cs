using System.Globalization;
using FjBellows.Billing;

namespace FjBellows.Costs;

/// <summary>What the jobs of one repository cost.</summary>
/// <param name="RepoId">Forgejo's id of it.</param>
/// <param name="Repo">The repository as it was last called, <c>owner/name</c>; null where only its id is known.</param>
/// <param name="Runs">How many of its jobs ran.</param>
/// <param name="Busy">Time in which they ran.</param>
/// <param name="Share">Its part of all time in which jobs ran; the same part of what was billed is its own.</param>
/// <param name="Waits">How long its jobs waited.</param>
public sealed record CostByRepository(long RepoId, string? Repo, int Runs, TimeSpan Busy, double Share, WaitFigures Waits)
{
    /// <summary>The repository as people call it, by name where it is known.</summary>
    public override string ToString() => Repo ?? RepoId.ToString(CultureInfo.InvariantCulture);

    /// <summary>The repositories of a history, the dearest first.</summary>
    /// <param name="outcomes">The dispatches that ended.</param>
    public static IReadOnlyList<CostByRepository> Of(IReadOnlyCollection<DispatchOutcome> outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        var ran = outcomes.Where(CostReport.Ran).ToArray();
        var all = CostReport.Sum(ran.Select(o => o.Ran));
        return
        [
            .. ran.GroupBy(o => o.Assignment.Job.RepoId).Select(repository =>
            {
                var busy = CostReport.Sum(repository.Select(o => o.Ran));
                return new CostByRepository(
                    repository.Key, NameOf(repository), repository.Count(), busy, all > TimeSpan.Zero ? busy / all : 0,
                    CostReport.WaitsOf(repository));
            }).OrderByDescending(c => c.Busy).ThenBy(c => c.RepoId),
        ];
    }

    internal static string? NameOf(IEnumerable<DispatchOutcome> outcomes) =>
        outcomes.Where(o => o.Assignment.Job.Repo is not null).MaxBy(o => o.EndedAt)?.Assignment.Job.Repo;
}
