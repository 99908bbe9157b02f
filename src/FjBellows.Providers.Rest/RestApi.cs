using System.Net.Http.Headers;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace FjBellows.Providers.Rest;

/// <summary>A cloud's API by paths and types. Derive one class for a cloud: it knows the pages of its collections and what its refusals
/// mean.</summary>
public abstract class RestApi : IDisposable
{
    private readonly AnswerTime _answerTime = new();
    private readonly RestClient _rest;
    private readonly JsonSerializerContext _json;
    private readonly RequestBudget _budget;

    /// <summary>An API.</summary>
    /// <param name="settings">The account.</param>
    /// <param name="json">How bodies are written and answers read, generated at build time.</param>
    /// <param name="budget">The budget that requests are counted in where nothing else is said.</param>
    /// <param name="time">The clock.</param>
    /// <param name="handler">Another way to the cloud, in tests; it is not disposed of.</param>
    protected RestApi(
        RestSettings settings, JsonSerializerContext json, RequestBudget budget, TimeProvider time, HttpMessageHandler? handler)
    {
        _rest = new RestClient(settings with { OnAnswer = Take }, time, handler);
        (_json, _budget, Time) = (json, budget, time);
    }

    /// <summary>The cloud's time, by its answers.</summary>
    public ICloudTime CloudTime => _answerTime;

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; }

    /// <inheritdoc />
    public void Dispose()
    {
        _rest.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What a path names.</summary>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="path">The path below the API's base, with its query, escaped.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CloudException">It was refused, or no usable answer came.</exception>
    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
        where T : class => _rest.SendAsync(RestCall.Get(path, _budget), Type<T>(), cancellationToken);

    /// <summary>What a path names; null when the cloud itself says that it does not exist.</summary>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<T?> FindAsync<T>(string path, CancellationToken cancellationToken)
        where T : class => FindAsync<T>(RestCall.Get(path, _budget), cancellationToken);

    /// <summary>Makes something.</summary>
    /// <typeparam name="TBody">What is sent.</typeparam>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="body">What is sent.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<T> PostAsync<TBody, T>(string path, TBody body, CancellationToken cancellationToken)
        where T : class => SendAsync<TBody, T>(HttpMethod.Post, path, body, _budget, cancellationToken);

    /// <summary>Replaces something.</summary>
    /// <typeparam name="TBody">What is sent.</typeparam>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="body">What is sent.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<T> PutAsync<TBody, T>(string path, TBody body, CancellationToken cancellationToken)
        where T : class => SendAsync<TBody, T>(HttpMethod.Put, path, body, _budget, cancellationToken);

    /// <summary>Deletes what a path names; what is gone already is a success.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        _rest.DeleteAsync(RestCall.Delete(path, _budget), cancellationToken);

    /// <summary>Sends a body, counted in a budget of its own.</summary>
    /// <typeparam name="TBody">What is sent.</typeparam>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="body">What is sent.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    protected Task<T> SendAsync<TBody, T>(
        HttpMethod method, string path, TBody body, RequestBudget budget, CancellationToken cancellationToken)
        where T : class => _rest.SendAsync(RestCall.Send(method, path, body, Type<TBody>(), budget), Type<T>(), cancellationToken);

    /// <summary>Sends a request as it is.</summary>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="call">The request.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    protected Task<T> SendAsync<T>(RestCall call, CancellationToken cancellationToken)
        where T : class => _rest.SendAsync(call, Type<T>(), cancellationToken);

    /// <summary>Sends a request as it is; null when the cloud itself says that what it names does not exist.</summary>
    /// <typeparam name="T">What is answered.</typeparam>
    /// <param name="call">The request.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    protected Task<T?> FindAsync<T>(RestCall call, CancellationToken cancellationToken)
        where T : class => _rest.FindAsync(call, Type<T>(), cancellationToken);

    /// <summary>Takes the headers of every answer, for what a vendor says in them.</summary>
    protected virtual void OnAnswer(HttpResponseHeaders headers)
    {
    }

    private void Take(HttpResponseHeaders headers)
    {
        _answerTime.Take(headers);
        OnAnswer(headers);
    }

    private JsonTypeInfo<T> Type<T>() =>
        _json.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
            ?? throw new InvalidOperationException($"{_json.GetType().Name} does not describe {typeof(T)}; add [JsonSerializable] for it");
}
