using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace FjBellows.Providers.Exec;

/// <summary>What a program of the provider <c>exec</c> owes, tried against its real cloud. Instances are created for it under marks of
/// their own, and deleted whatever happens.</summary>
public static class ExecContract
{
    private static readonly TimeSpan DeleteTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan[] KillAfter = [TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)];

    /// <summary>Tries everything, one fact after another. A fact that fails does not end the run.</summary>
    /// <param name="settings">How the program is run.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the run; instances may be left then.</param>
    public static async IAsyncEnumerable<ExecFact> RunAsync(
        ExecSettings settings, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(time);
        ExecProvider? opened = null;
        yield return await TryAsync(
            "describe says what the program is",
            async () => opened = await ExecProvider.OpenAsync(settings, time, cancellationToken: cancellationToken).ConfigureAwait(false))
            .ConfigureAwait(false);
        if (opened is null)
        {
            yield break;
        }

        using var provider = opened;
        var marks = new Ownership("fjb-test", "fjb-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        var run = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3));
        foreach (var (name, fact) in Facts(settings, provider, marks, run, time, cancellationToken))
        {
            yield return await TryAsync(name, fact).ConfigureAwait(false);
        }

        yield return await TryAsync("nothing is left", () => CleanAsync(provider, marks, time, cancellationToken)).ConfigureAwait(false);
    }

    private static IEnumerable<(string Name, Func<Task> Fact)> Facts(
        ExecSettings settings, ExecProvider provider, Ownership marks, string run, TimeProvider time, CancellationToken token)
    {
        var spec = Spec($"fjb-test-{run}-a", marks);
        Instance? created = null;
        yield return ("list is complete before anything exists", async () => Expect(
            (await provider.ListAsync(marks, token).ConfigureAwait(false)).Any(marks.Owns), false,
            "instances with marks that were made up now"));
        yield return ("create returns an instance with its name and both marks", async () =>
        {
            created = await provider.CreateAsync(spec, token).ConfigureAwait(false);
            Expect(created.Name, spec.Name, "the name");
            Expect(marks.Owns(created), true, "both marks among the tags");
            Expect((time.GetUtcNow() - created.CreatedAt).Duration() < TimeSpan.FromHours(1), true, "created_at within an hour of now");
        }
        );
        yield return ("list and get find it", async () =>
        {
            Expect((await OursAsync(provider, marks, token).ConfigureAwait(false)).Single().Id, Made(created).Id, "the id in the list");
            Expect((await provider.GetAsync(created!.Id, token).ConfigureAwait(false))?.Name, spec.Name, "the name by id");
        }
        );
        yield return ("create of the same name creates no second one", async () =>
        {
            Expect((await provider.CreateAsync(spec with { Attempt = 2 }, token).ConfigureAwait(false)).Id, Made(created).Id, "the id");
            Expect((await OursAsync(provider, marks, token).ConfigureAwait(false)).Count, 1, "instances");
        }
        );
        yield return ("delete under another name is refused", async () =>
        {
            try
            {
                await provider.DeleteAsync(Made(created).Id, spec.Name + "x", token).ConfigureAwait(false);
            }
            catch (CloudException e) when (e.Kind == CloudErrorKind.Conflict)
            {
                return;
            }

            throw new InvalidOperationException("it was accepted");
        }
        );
        yield return ("delete deletes, and get says that it is absent", () => DeleteAsync(provider, Made(created), time, token));
        yield return ("delete of what is gone succeeds", () => provider.DeleteAsync(Made(created).Id, spec.Name, token));
        if (settings.Settings.Count > 0)
        {
            yield return ("without its settings it fails and says why", async () =>
            {
                try
                {
                    using var bare = await ExecProvider.OpenAsync(
                        settings with { Settings = [], Secrets = [] }, time, cancellationToken: token).ConfigureAwait(false);
                    await bare.CreateAsync(Spec($"fjb-test-{run}-b", marks), token).ConfigureAwait(false);
                }
                catch (CloudException e)
                {
                    Expect(e.Kind is CloudErrorKind.InvalidConfig or CloudErrorKind.Auth or CloudErrorKind.Transient, true,
                        $"a failure of the configuration, not {e.Kind}");
                    return;
                }

                throw new InvalidOperationException("it created an instance");
            }
            );
        }

        foreach (var after in KillAfter)
        {
            yield return (string.Create(
                CultureInfo.InvariantCulture,
                $"a create that is killed after {after.TotalMilliseconds:0} ms is found or repeated, never doubled"), async () =>
            {
                var killed = Spec($"fjb-test-{run}-k{after.TotalMilliseconds:0}", marks);
                using (var harsh = await ExecProvider.OpenAsync(
                    settings with { KillsAtOnce = true }, time, cancellationToken: token).ConfigureAwait(false))
                using (var clock = new CancellationTokenSource(after, time))
                using (var end = CancellationTokenSource.CreateLinkedTokenSource(token, clock.Token))
                {
                    try
                    {
                        await harsh.CreateAsync(killed, end.Token).ConfigureAwait(false);
                    }
                    catch (OperationCanceledException) when (!token.IsCancellationRequested)
                    {
                        // As intended.
                    }
                }

                // What was on its way to the cloud arrives.
                await Task.Delay(TimeSpan.FromSeconds(1), time, token).ConfigureAwait(false);
                var instance = await provider.CreateAsync(killed with { Attempt = 2 }, token).ConfigureAwait(false);
                Expect((await OursAsync(provider, marks, token).ConfigureAwait(false))
                    .Count(i => i.Name == killed.Name), 1, "instances of the name");
                await DeleteAsync(provider, instance, time, token).ConfigureAwait(false);
            }
            );
        }
    }

    private static InstanceSpec Spec(string name, Ownership marks) => new(name, marks, new Secret("#cloud-config\n"), []);

    private static async Task<IReadOnlyList<Instance>> OursAsync(ExecProvider provider, Ownership marks, CancellationToken token) =>
        [.. (await provider.ListAsync(marks, token).ConfigureAwait(false))
            .Where(i => marks.Owns(i) && i.Status != InstanceStatus.Deleting)];

    private static async Task DeleteAsync(ExecProvider provider, Instance instance, TimeProvider time, CancellationToken token)
    {
        using var clock = new CancellationTokenSource(DeleteTimeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token, clock.Token);
        await provider.DeleteAsync(instance.Id, instance.Name, limit.Token).ConfigureAwait(false);
        while (await provider.GetAsync(instance.Id, limit.Token).ConfigureAwait(false) is { } there)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time, limit.Token).ConfigureAwait(false);
            if (there.Status != InstanceStatus.Deleting)
            {
                await provider.DeleteAsync(instance.Id, instance.Name, limit.Token).ConfigureAwait(false);
            }
        }
    }

    private static async Task CleanAsync(ExecProvider provider, Ownership marks, TimeProvider time, CancellationToken token)
    {
        var left = await OursAsync(provider, marks, token).ConfigureAwait(false);
        foreach (var instance in left)
        {
            await DeleteAsync(provider, instance, time, token).ConfigureAwait(false);
        }

        Expect(left.Count, 0, $"instances ({string.Join(", ", left.Select(i => i.Name))}; they are deleted now)");
    }

    private static Instance Made(Instance? instance) =>
        instance ?? throw new InvalidOperationException("there is no instance, because create failed");

    private static void Expect<T>(T was, T wanted, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(was, wanted))
        {
            throw new InvalidOperationException($"expected {what} to be {wanted}, but it is {was}");
        }
    }

    private static async Task<ExecFact> TryAsync(string name, Func<Task> fact)
    {
        try
        {
            await fact().ConfigureAwait(false);
            return new ExecFact(name, null);
        }
        catch (Exception e) when (e is CloudException or InvalidOperationException)
        {
            return new ExecFact(name, e.Message);
        }
        catch (OperationCanceledException)
        {
            return new ExecFact(name, "it took too long");
        }
    }
}

/// <summary>One fact about a program.</summary>
/// <param name="Name">What was tried.</param>
/// <param name="Failure">What was wrong; null when nothing was.</param>
public sealed record ExecFact(string Name, string? Failure);
