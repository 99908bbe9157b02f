using System.Text;
using System.Text.Json.Nodes;
using FjBellows.Billing;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Providers.Exec;

/// <summary>Any program as a source of workers. docs/exec-provider.md is the protocol.</summary>
public sealed class ExecProvider : ICloudProvider, IAccountCheck, ILeftovers, IDisposable
{
    /// <summary>The name as configuration writes it.</summary>
    public const string ProviderName = "exec";

    private readonly ExecSettings _settings;
    private readonly ExecCalls _calls;
    private readonly ExecDescription _description;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _slots;
    private readonly RequestBudget? _budget;

    private ExecProvider(ExecSettings settings, ExecCalls calls, ExecDescription description, TimeProvider time, ILogger log)
    {
        (_settings, _calls, _description, _log) = (settings, calls, description, log);
        _slots = new SemaphoreSlim(Math.Clamp(description.Parallel ?? 4, 1, 64));
        if (description.Requests is { Limit: > 0 and var limit, WindowS: > 0 and var window })
        {
            _budget = new RequestBudget("requests", limit, TimeSpan.FromSeconds(window), time);
        }

        Capabilities = new ProviderCapabilities(Math.Max(0, description.UserDataMax ?? 16 * 1024), description.Gzip ?? false);
        Billing = description.Billing is { } billing
            ? new BillingModel(
                Seconds(billing.GranularityS, 1), Seconds(billing.MinimumS, 0), billing.MinimumCharge, billing.BilledWhileOff ?? false)
            : BillingModel.PerSecond;
        Parts = new CloudParts
        {
            Account = this,
            Leftovers = description.Sweep == true ? this : null,
            Budget = _budget is null ? null : new Requests(_budget),
        };
    }

    /// <inheritdoc />
    public string Name => ProviderName;

    /// <summary>The program's own name and version, for people.</summary>
    public string Program => $"{_description.Name ?? "unnamed"} {_description.Version}".TrimEnd();

    /// <inheritdoc />
    public BillingModel Billing { get; }

    /// <inheritdoc />
    public ProviderCapabilities Capabilities { get; }

    /// <inheritdoc />
    public CloudParts Parts { get; }

    /// <summary>The texts of settings that are never written.</summary>
    internal IReadOnlyList<string> Secrets => _calls.Secrets;

    /// <summary>Asks the program what it is, and makes the provider.</summary>
    /// <param name="settings">How it is run.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="log">Takes its error output, at debug.</param>
    /// <exception cref="CloudException">It cannot be run, or speaks no version of the protocol that this program does.</exception>
    public static async Task<ExecProvider> OpenAsync(
        ExecSettings settings, TimeProvider? time = null, ILogger<ExecProvider>? log = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var (clock, logger) = (time ?? TimeProvider.System, (ILogger?)log ?? NullLogger.Instance);
        var calls = new ExecCalls(settings, clock, logger);
        var description = await calls.CallAsync(
            "describe", null, r => r, ExecJson.Default.ExecDescription, cancellationToken).ConfigureAwait(false);
        if (!(description.Protocols ?? []).Contains(ExecCalls.Protocol))
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"{settings.Command[0]} speaks the protocols [{string.Join(", ", description.Protocols ?? [])}], but this program " +
                $"speaks {ExecCalls.Protocol}; use a version of it that fits");
        }

        calls.Secrets =
            [.. calls.Secrets.Concat((description.Secrets ?? []).SelectMany(path => TextsAt(settings.Settings, path)))
                .Distinct(StringComparer.Ordinal)];
        return new ExecProvider(settings, calls, description, clock, logger);
    }

    /// <summary>The same program under another clock and log, without asking it again what it is.</summary>
    /// <param name="log">Takes its error output, at debug.</param>
    public ExecProvider With(TimeProvider time, ILogger<ExecProvider> log) =>
        new(_settings, new ExecCalls(_settings, time, log) { Secrets = _calls.Secrets }, _description, time, log);

    /// <inheritdoc />
    public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var text = spec.UserData.Reveal();
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > Capabilities.MaxUserDataBytes)
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"the first-boot document of {spec.Name} has {bytes.Length} bytes, but {Program} takes {Capabilities.MaxUserDataBytes}; " +
                $"shorten what worker.run adds to it");
        }

        var userData = _description.UserDataEncoding == "base64" ? Convert.ToBase64String(bytes) : text;
        var create = new ExecCreate(spec.Name, userData, [.. spec.AuthorizedKeys.Select(k => k.Trim())], spec.Attempt, spec.Skip);
        // Whether a program keeps names unique is not relied upon: what exists is adopted.
        return await Adoption.FindAsync(spec, () => ListAsync(spec.Ownership, cancellationToken)).ConfigureAwait(false)
            ?? await Adoption.CreateAsync(
                spec,
                async () => Map(
                    (await CallAsync(
                        "create", spec.Ownership, r => r with { Create = create }, cancellationToken).ConfigureAwait(false)).Instance
                        ?? throw new CloudException(
                            CloudErrorKind.Transient, $"{Program} create: ended well without an instance in its answer"),
                    "create"),
                () => ListAsync(spec.Ownership, cancellationToken),
                _log).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        var answer = await CallAsync("list", ownership, r => r, cancellationToken).ConfigureAwait(false);
        return answer is { Complete: true, Instances: { } instances }
            ? [.. instances.Select(i => Map(i, "list")).Where(i => i.Tags.Contains(ownership.Tag, StringComparer.Ordinal))
                .DistinctBy(i => i.Id)]
            : throw new CloudException(
                CloudErrorKind.Transient,
                $"{Program} list: the answer does not say \"complete\": true, so what is missing from it proves nothing");
    }

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await CallAsync(
                "get", null, r => r with { Get = new ExecTarget(id.Value, "") }, cancellationToken).ConfigureAwait(false);
            return answer.Instance is { } instance ? Map(instance, "get") : null;
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public async Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        if (_description.IdsReused != false)
        {
            if (await GetAsync(id, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                return;
            }

            if (!string.Equals(found.Name, name, StringComparison.Ordinal))
            {
                throw new CloudException(
                    CloudErrorKind.Conflict, $"instance {id} is named {found.Name} and not {name}, so it is left alone");
            }
        }

        try
        {
            var answer = await CallAsync(
                "delete", null, r => r with { Delete = new ExecTarget(id.Value, name) }, cancellationToken).ConfigureAwait(false);
            if (answer.Deleted is not JsonValue deleted || !deleted.TryGetValue<bool>(out var yes) || !yes)
            {
                throw new CloudException(CloudErrorKind.Transient, $"{Program} delete: ended well without \"deleted\": true in its answer");
            }
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            // Absent is what was asked for (invariant W7).
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<AccountFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var findings = new AccountFindings();
        findings.Add(FindingLevel.Ok, "program", $"{Program}, protocol {ExecCalls.Protocol}");
        var answer = await findings.AskAsync("check", () => CallAsync("check", null, r => r, cancellationToken)).ConfigureAwait(false);
        foreach (var finding in answer?.Findings ?? [])
        {
            findings.Add(
                finding.Level switch { "ok" => FindingLevel.Ok, "error" => FindingLevel.Error, _ => FindingLevel.Warning },
                finding.Subject ?? "check",
                SentValues.Redact(finding.Message ?? "", _calls.Secrets));
        }

        return findings.All;
    }

    /// <inheritdoc />
    public async Task<int> SweepAsync(Ownership ownership, IReadOnlyCollection<string> liveNames, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await CallAsync(
                "sweep", ownership, r => r with { Sweep = new ExecSweep([.. liveNames]) }, cancellationToken).ConfigureAwait(false);
            return answer.Deleted is JsonValue deleted && deleted.TryGetValue<int>(out var count) ? count : 0;
        }
        catch (CloudException e)
        {
            _log.LogWarning("by-products of instances that are gone cannot be swept: {Reason}", e.Message);
            return 0;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _slots.Dispose();

    private static TimeSpan Seconds(double? seconds, double otherwise) =>
        TimeSpan.FromSeconds(Math.Clamp(seconds ?? otherwise, 0, 86400 * 31));

    /// <summary>The texts below a path of keys such as <c>auth.token</c>.</summary>
    private static IEnumerable<string> TextsAt(JsonObject settings, string path)
    {
        JsonNode? node = settings;
        foreach (var key in path.Split('.'))
        {
            node = (node as JsonObject)?[key];
        }

        return node is JsonValue value && value.ToString() is { Length: > 0 } text ? [text] : [];
    }

    private async Task<ExecAnswer> CallAsync(
        string verb, Ownership? ownership, Func<ExecRequest, ExecRequest> fill, CancellationToken cancellationToken)
    {
        using var pass = _budget is null ? null : await _budget.EnterAsync(cancellationToken).ConfigureAwait(false);
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _calls.CallAsync(verb, ownership, fill, ExecJson.Default.ExecAnswer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _slots.Release();
        }
    }

    private Instance Map(ExecInstance instance, string verb)
    {
        if (instance is not { Id: { Length: > 0 } id, Name: { Length: > 0 } name, CreatedAt: { } createdAt })
        {
            throw new CloudException(CloudErrorKind.Transient, $"{Program} {verb}: an instance in its answer lacks id, name or created_at");
        }

        return new Instance(
            new InstanceId(id),
            name,
            instance.Status switch
            {
                "starting" => InstanceStatus.Starting,
                "running" => InstanceStatus.Running,
                "stopped" => InstanceStatus.Stopped,
                "deleting" => InstanceStatus.Deleting,
                _ => InstanceStatus.Unknown,
            },
            createdAt.ToUniversalTime(),
            instance.Addresses ?? [],
            instance.Tags ?? [],
            instance.Placement ?? "",
            instance.HourlyPrice,
            instance.Port,
            instance.Interrupted switch
            {
                JsonValue value when value.TryGetValue<bool>(out var yes) => yes ? "the cloud interrupts it" : null,
                JsonValue value when value.TryGetValue<string>(out var why) && why.Length > 0 => why,
                _ => null,
            });
    }

    private sealed class Requests(RequestBudget budget) : IRequestBudget
    {
        public IReadOnlyList<RequestsLeft> Left => [budget.Left];
    }
}
