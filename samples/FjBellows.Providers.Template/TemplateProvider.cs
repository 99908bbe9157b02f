using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Billing;

namespace FjBellows.Providers.Template;

/// <summary>
/// A provider for a cloud with a plain REST API: machines have unique names and tags, and take a first-boot document. It uses nothing but
/// .NET, so that each duty of a provider is visible here; the kit FjBellows.Providers.Rest does the same with less code. It calls,
/// translates and throws; it never decides, never retries and remembers nothing. What is left to the pool: backing off, looking for a
/// create whose answer was lost, proving that a machine is gone.
/// </summary>
public sealed class TemplateProvider : ICloudProvider, IDisposable
{
    private readonly TemplateSettings _settings;
    private readonly HttpClient _http;

    /// <summary>A provider for one account.</summary>
    /// <param name="settings">Which machines to create, and where.</param>
    /// <param name="handler">The way to the cloud; another one in tests.</param>
    public TemplateProvider(TemplateSettings settings, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _http = new HttpClient(handler ?? new SocketsHttpHandler()) { BaseAddress = settings.Url, Timeout = settings.RequestTimeout };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", settings.Token.Reveal());
    }

    /// <inheritdoc />
    public string Name => "template";

    /// <inheritdoc />
    public BillingModel Billing => BillingModel.Hourly;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities { get; } = new(MaxUserDataBytes: 32 * 1024, AcceptsGzip: false);

    /// <inheritdoc />
    public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var request = new CreateRequest(
            spec.Name, _settings.Region, _settings.Type, _settings.Image, [spec.Ownership.Tag, spec.Ownership.Owner],
            spec.UserData.Reveal(), spec.AuthorizedKeys);
        using var body = JsonContent.Create(request, TemplateJson.Default.CreateRequest);
        try
        {
            return Translate(
                (await SendAsync(
                    HttpMethod.Post, "machines", body, TemplateJson.Default.Machine, cancellationToken).ConfigureAwait(false))!);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.Conflict)
        {
            // The name is the handle of idempotency (invariant W2): a machine of this name that is ours is the one that was asked for.
            var listed = await ListAsync(spec.Ownership, cancellationToken).ConfigureAwait(false);
            if (listed.FirstOrDefault(i => i.Name == spec.Name && spec.Ownership.Owns(i)) is { } created)
            {
                return created;
            }

            throw;
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        List<Instance> all = [];
        for (int? page = 1; page is { } number;)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"machines?tag={Uri.EscapeDataString(ownership.Tag)}&page={number}");
            var answer =
                (await SendAsync(HttpMethod.Get, path, null, TemplateJson.Default.MachinePage, cancellationToken).ConfigureAwait(false))!;
            all.AddRange(answer.Machines.Select(Translate));
            page = answer.Next;
        }

        // A filter on the cloud's side is not relied upon (invariant O1).
        return [.. all.Where(i => i.Tags.Contains(ownership.Tag, StringComparer.Ordinal))];
    }

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken)
    {
        try
        {
            return Translate(
                (await SendAsync(
                    HttpMethod.Get, PathOf(id), null, TemplateJson.Default.Machine, cancellationToken).ConfigureAwait(false))!);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public async Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync<Machine>(HttpMethod.Delete, PathOf(id), null, null, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            // Gone is what was wanted (invariant W7).
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static string PathOf(InstanceId id) => $"machines/{Uri.EscapeDataString(id.Value)}";

    private static Instance Translate(Machine machine) => new(
        new InstanceId(machine.Id),
        machine.Name,
        machine.Status switch
        {
            "new" => InstanceStatus.Starting,
            "active" => InstanceStatus.Running,
            "off" => InstanceStatus.Stopped,
            "deleting" => InstanceStatus.Deleting,
            _ => InstanceStatus.Unknown,
        },
        machine.CreatedAt,
        machine.Ipv4 is { Length: > 0 } address ? [address] : [],
        machine.Tags ?? [],
        $"{machine.Region} {machine.Type}",
        machine.PricePerHour);

    /// <summary>One request; every way in which it can fail becomes a <see cref="CloudException"/> of the right kind.</summary>
    private async Task<T?> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T>? answer, CancellationToken cancellationToken)
        where T : class
    {
        var what = $"{method} {new Uri(_settings.Url, path)}";
        using var request = new HttpRequestMessage(method, path) { Content = body };
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw await RefusedAsync(what, response, cancellationToken).ConfigureAwait(false);
            }

            return answer is null
                ? null
                : await response.Content.ReadFromJsonAsync(answer, cancellationToken).ConfigureAwait(false)
                    ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Whether it took effect is not known: the pool looks for the name.
            throw new CloudException(CloudErrorKind.Transient, $"{what} failed: {e.Message}", innerException: e);
        }
    }

    private static async Task<CloudException> RefusedAsync(string what, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        var refusal = ReadRefusal(text);
        var kind = (response.StatusCode, refusal?.Code) switch
        {
            (HttpStatusCode.TooManyRequests, _) => CloudErrorKind.RateLimited,
            (HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError, _) => CloudErrorKind.Transient,
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) => CloudErrorKind.Auth,
            // Only the cloud's own word proves an absence; a proxy's page does not.
            (HttpStatusCode.NotFound, "not_found") => CloudErrorKind.NotFound,
            (HttpStatusCode.NotFound, _) => CloudErrorKind.Transient,
            (HttpStatusCode.Conflict, _) => CloudErrorKind.Conflict,
            (_, "no_capacity") => CloudErrorKind.CapacityOut,
            (_, "quota") => CloudErrorKind.QuotaExceeded,
            _ => CloudErrorKind.InvalidConfig,
        };
        return new CloudException(
            kind, $"{what} was answered with {(int)response.StatusCode}: {refusal?.Message ?? text[..Math.Min(text.Length, 200)]}",
            response.Headers.RetryAfter?.Delta);
    }

    private static Refusal? ReadRefusal(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, TemplateJson.Default.Refusal);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
