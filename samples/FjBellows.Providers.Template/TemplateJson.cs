using System.Text.Json.Serialization;

namespace FjBellows.Providers.Template;

/// <summary>A machine as the cloud describes it.</summary>
internal sealed record Machine(
    string Id, string Name, string Status, DateTimeOffset CreatedAt, string? Ipv4, IReadOnlyList<string>? Tags, string Region, string Type,
    decimal? PricePerHour);

/// <summary>One page of machines; <c>Next</c> is null on the last.</summary>
internal sealed record MachinePage(IReadOnlyList<Machine> Machines, int? Next);

/// <summary>What a create sends.</summary>
internal sealed record CreateRequest(
    string Name, string Region, string Type, string Image, IReadOnlyList<string> Tags, string UserData, IReadOnlyList<string> SshKeys);

/// <summary>The cloud's reason for a refusal.</summary>
internal sealed record Refusal(string? Code, string? Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Machine))]
[JsonSerializable(typeof(MachinePage))]
[JsonSerializable(typeof(CreateRequest))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class TemplateJson : JsonSerializerContext;
