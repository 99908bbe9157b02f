using System.Globalization;
using System.Net;
using FjBellows.Jobs;

namespace FjBellows.Forgejo;

public sealed partial class ForgejoClient
{
    private static readonly TimeSpan ToleratedSkew = TimeSpan.FromSeconds(30);

    /// <summary>Looks whether pools can work with this Forgejo: its version, whether the token may read and write, and its clock. Makes no runner.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was found, in the order it was looked at; every failure is a finding.</returns>
    public async Task<IReadOnlyList<ForgejoFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var findings = new List<ForgejoFinding>();
        try
        {
            var (version, date) = await AskVersionAsync(cancellationToken).ConfigureAwait(false);
            findings.Add(Judge(version));
            if (date is { } theirs)
            {
                findings.Add(JudgeClock(theirs - _time.GetUtcNow()));
            }
        }
        catch (ForgejoException e)
        {
            findings.Add(Bad(e));
            if (e.Kind == ForgejoErrorKind.Unreachable)
            {
                return findings;
            }
        }

        await TryAsync(async () =>
        {
            var jobs = await ListAsync(cancellationToken).ConfigureAwait(false);
            return $"the queue of scope '{_settings.Scope}' can be read: {jobs.Count(j => j.IsDemand)} waiting for {_settings.Labels.Query}";
        }).ConfigureAwait(false);
        await TryAsync(async () =>
        {
            var runners = await ListRunnersAsync(cancellationToken).ConfigureAwait(false);
            return $"the runners of scope '{_settings.Scope}' can be read: {runners.Count}";
        }).ConfigureAwait(false);
        await TryAsync(() => ProveWritableAsync(cancellationToken)).ConfigureAwait(false);
        return findings;

        async Task TryAsync(Func<Task<string>> look)
        {
            try
            {
                findings.Add(new ForgejoFinding(ForgejoGrade.Good, await look().ConfigureAwait(false)));
            }
            catch (ForgejoException e)
            {
                findings.Add(Bad(e));
            }
        }
    }

    private static ForgejoFinding Bad(ForgejoException e) => new(ForgejoGrade.Error, e.Message);

    private static ForgejoFinding Judge(ForgejoVersion version) => version.IsSupported
        ? new ForgejoFinding(ForgejoGrade.Good, $"Forgejo is version {version}")
        : new ForgejoFinding(
            ForgejoGrade.Error,
            $"the server says it is version {version}; Forgejo {ForgejoVersion.RequiredMajor} or newer is needed, older ones have no API for ephemeral runners");

    private static ForgejoFinding JudgeClock(TimeSpan skew)
    {
        var amount = string.Create(CultureInfo.InvariantCulture, $"{skew.Duration().TotalSeconds:0} s {(skew < TimeSpan.Zero ? "behind" : "ahead of")} this host's");
        return skew.Duration() <= ToleratedSkew
            ? new ForgejoFinding(ForgejoGrade.Good, "Forgejo's clock and this host's agree")
            : new ForgejoFinding(ForgejoGrade.Warning, $"Forgejo's clock is {amount}; check time synchronization on both hosts, the kill marks depend on it here");
    }

    /// <summary>Asks for a runner without a name. Forgejo looks at the token first and at the name then, so a complaint about the name shows that the token would do.</summary>
    private async Task<string> ProveWritableAsync(CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Post, Runners(), "{}", cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            await DeleteAsync(answer.Read(WireJson.Default.WireCredentials).Id, cancellationToken).ConfigureAwait(false);
        }
        else if (answer.Status is not (HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest))
        {
            throw Refusal(answer);
        }

        return $"the token may register and delete runners ({_settings.Scope.WritePermission})";
    }

    /// <summary>Asks without the token first: the version is public, and the answer then does not depend on the token's permissions.</summary>
    private async Task<(ForgejoVersion Version, DateTimeOffset? Date)> AskVersionAsync(CancellationToken cancellationToken)
    {
        var answer = await SendAsync(HttpMethod.Get, Api("version"), null, cancellationToken, anonymous: true).ConfigureAwait(false);
        if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            answer = await SucceedAsync(HttpMethod.Get, Api("version"), null, cancellationToken).ConfigureAwait(false);
        }
        else if (!answer.Succeeded)
        {
            throw Refusal(answer);
        }

        try
        {
            return (ForgejoVersion.Parse(answer.Read(WireJson.Default.WireVersion).Version), answer.Date);
        }
        catch (FormatException e)
        {
            throw answer.Malformed(e.Message);
        }
    }
}
