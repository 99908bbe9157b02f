using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FjBellows.Providers.Rest;

/// <summary>One request to a cloud.</summary>
/// <param name="Path">The path below the API's base, with its query, escaped.</param>
/// <param name="Budget">The budget it is counted in.</param>
public sealed record RestCall(HttpMethod Method, string Path, RequestBudget Budget)
{
    /// <summary>The body as JSON; empty for none.</summary>
    public string Body { get; init; } = "";

    /// <summary>Further headers.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>A request without a body.</summary>
    /// <param name="budget">The budget it is counted in.</param>
    public static RestCall Get(string path, RequestBudget budget) => new(HttpMethod.Get, path, budget);

    /// <summary>A request to delete what a path names.</summary>
    /// <param name="budget">The budget it is counted in.</param>
    public static RestCall Delete(string path, RequestBudget budget) => new(HttpMethod.Delete, path, budget);

    /// <summary>A request with a body.</summary>
    /// <typeparam name="T">What the body is.</typeparam>
    /// <param name="type">How it is written.</param>
    /// <param name="budget">The budget it is counted in.</param>
    public static RestCall Send<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type, RequestBudget budget) =>
        new(method, path, budget) { Body = JsonSerializer.Serialize(body, type) };

    internal HttpRequestMessage Message(RestSettings settings)
    {
        var message = new HttpRequestMessage(Method, new Uri($"{settings.Url.AbsoluteUri.TrimEnd('/')}/{Path}"));
        message.Headers.Authorization = new("Bearer", settings.Token.Reveal());
        message.Headers.UserAgent.Add(new("fj-bellows", null));
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (Body.Length > 0)
        {
            message.Content = new StringContent(Body, Encoding.UTF8, "application/json");
        }

        return message;
    }
}
