using System.Globalization;
using System.Net;
using FjBellows.Jobs;

namespace FjBellows.Forgejo;

/// <summary>Looks whether pools can work with a Forgejo.</summary>
internal sealed class ForgejoCheck(ForgejoClient client, ForgejoTransport forgejo, TimeProvider time)
{
    private static readonly TimeSpan ToleratedSkew = TimeSpan.FromSeconds(30);

    public async Task<IReadOnlyList<ForgejoFinding>> RunAsync(CancellationToken cancellationToken)
    {
        var findings = new List<ForgejoFinding>();
        try
        {
            var (version, date) = await AskVersionAsync(cancellationToken).ConfigureAwait(false);
            findings.Add(Judge(version));
            if (date is { } theirs)
            {
                findings.Add(JudgeClock(theirs - time.GetUtcNow()));
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
            var jobs = await client.ListAsync(cancellationToken).ConfigureAwait(false);
            return $"the queue of scope '{forgejo.Settings.Scope}' can be read: {jobs.Count(j => j.IsDemand)} waiting for " +
                $"{forgejo.Settings.Labels.Query}";
        }).ConfigureAwait(false);
        await TryAsync(async () =>
        {
            var runners = await client.ListRunnersAsync(cancellationToken).ConfigureAwait(false);
            return $"the runners of scope '{forgejo.Settings.Scope}' can be read: {runners.Count}";
        }).ConfigureAwait(false);
        await TryAsync(() => ProveWritableAsync(cancellationToken)).ConfigureAwait(false);
        await TryAsync(() => ResultsAsync(cancellationToken)).ConfigureAwait(false);
        if (forgejo.RootUrl is { } root)
        {
            findings.Add(RootUrlFinding.Of(forgejo.Settings.Url, root));
        }

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
            $"the server says it is version {version}; Forgejo {ForgejoVersion.RequiredMajor} or newer is needed, older ones have no " +
            $"API for ephemeral runners");

    private static ForgejoFinding JudgeClock(TimeSpan skew)
    {
        var amount = string.Create(
            CultureInfo.InvariantCulture,
            $"{skew.Duration().TotalSeconds:0} s {(skew < TimeSpan.Zero ? "behind" : "ahead of")} this host's");
        return skew.Duration() <= ToleratedSkew
            ? new ForgejoFinding(ForgejoGrade.Good, "Forgejo's clock and this host's agree")
            : new ForgejoFinding(
                ForgejoGrade.Warning,
                $"Forgejo's clock is {amount}; check time synchronization on both hosts, teardown deadlines depend on it here");
    }

    /// <summary>Asks for a runner without a name. Forgejo looks at the token first and at the name then, so a complaint about the name
    /// shows that the token would do.</summary>
    private async Task<string> ProveWritableAsync(CancellationToken cancellationToken)
    {
        var answer = await forgejo.SendAsync(HttpMethod.Post, forgejo.Runners(), "{}", cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            await forgejo.SucceedAsync(
                HttpMethod.Delete, forgejo.Runners(answer.Read(WireJson.Default.WireCredentials).Id), null,
                cancellationToken).ConfigureAwait(false);
        }
        else if (answer.Status is not (HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest))
        {
            throw forgejo.Refusal(answer);
        }

        return $"the token may register and delete runners ({forgejo.Settings.Scope.WritePermission})";
    }

    /// <summary>Optional: without it a job's result and its repository's name are not shown. A repository that cannot exist is asked for,
    /// so that only the permission decides.</summary>
    private async Task<string> ResultsAsync(CancellationToken cancellationToken)
    {
        var answer = await forgejo.SendAsync(HttpMethod.Get, forgejo.Api("repositories", 0), null, cancellationToken).ConfigureAwait(false);
        return answer.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized
            ? "the token may not read repositories (read:repository, optional): results of jobs and names of repositories stay unknown"
            : "the token may read repositories (read:repository): results of jobs and names of repositories are known";
    }

    /// <summary>Asks without the token first: the version is public, and the answer then does not depend on the token's
    /// permissions.</summary>
    public async Task<(ForgejoVersion Version, DateTimeOffset? Date)> AskVersionAsync(CancellationToken cancellationToken)
    {
        var answer = await forgejo.SendAsync(
            HttpMethod.Get, forgejo.Api("version"), null, cancellationToken, anonymous: true).ConfigureAwait(false);
        if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            answer = await forgejo.SucceedAsync(HttpMethod.Get, forgejo.Api("version"), null, cancellationToken).ConfigureAwait(false);
        }
        else if (!answer.Succeeded)
        {
            throw forgejo.Refusal(answer);
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
