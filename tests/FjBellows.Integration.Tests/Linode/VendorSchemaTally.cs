using System.Collections.Concurrent;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>What went through Prism.</summary>
public sealed class VendorSchemaTally
{
    private readonly ConcurrentQueue<string> _checked = [];
    private readonly ConcurrentQueue<string> _beyond = [];
    private readonly ConcurrentQueue<string> _violations = [];

    /// <summary>Requests whose request and answer were held against the schema.</summary>
    public IReadOnlyList<string> Checked => [.. _checked];

    /// <summary>Requests to paths that the document does not hold.</summary>
    public IReadOnlyList<string> Beyond => [.. _beyond];

    /// <summary>What did not fit.</summary>
    public IReadOnlyList<string> Violations => [.. _violations];

    /// <summary>A way in for a provider: through Prism where the document knows the path, past it where it does not.</summary>
    public HttpMessageHandler Entrance(Uri proxy, Uri fake) => new Handler(this, proxy, fake);

    private sealed class Handler(VendorSchemaTally tally, Uri proxy, Uri fake) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            var told = $"{request.Method} {path}";
            if (path.StartsWith("/v4/vpcs", StringComparison.Ordinal) || path.EndsWith("/rules", StringComparison.Ordinal))
            {
                tally._beyond.Enqueue(told);
                return await base.SendAsync(request, cancellationToken);
            }

            request.Headers.Add(VendorSchema.PortHeader, $"{fake.Port}");
            request.RequestUri = new UriBuilder(request.RequestUri) { Port = proxy.Port }.Uri;
            var response = await base.SendAsync(request, cancellationToken);
            tally._checked.Enqueue($"{told} {(int)response.StatusCode}");
            if (response.Headers.TryGetValues("sl-violations", out var violations))
            {
                tally._violations.Enqueue($"{told}: {string.Join(' ', violations)}");
            }

            if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
            {
                tally._violations.Enqueue($"{told}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            }

            return response;
        }
    }
}
