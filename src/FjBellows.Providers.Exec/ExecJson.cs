using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace FjBellows.Providers.Exec;

/// <summary>The protocol's JSON, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExecRequest))]
[JsonSerializable(typeof(ExecAnswer))]
[JsonSerializable(typeof(ExecDescription))]
internal sealed partial class ExecJson : JsonSerializerContext;

/// <summary>What a program reads on its standard input.</summary>
internal sealed record ExecRequest(int Protocol, string Verb, DateTimeOffset Deadline, ExecDeployment? Deployment, JsonObject Config)
{
    public ExecCreate? Create { get; init; }

    public ExecTarget? Get { get; init; }

    public ExecTarget? Delete { get; init; }

    public ExecSweep? Sweep { get; init; }
}

internal sealed record ExecDeployment(string Tag, string Owner);

internal sealed record ExecCreate(
    string Name, string UserData, IReadOnlyList<string> AuthorizedKeys, int Attempt, IReadOnlyList<string> Skip);

internal sealed record ExecTarget(string Id, string Name);

internal sealed record ExecSweep(IReadOnlyList<string> Live);

/// <summary>What a program writes on its standard output: each verb fills its own members.</summary>
internal sealed record ExecAnswer
{
    public ExecInstance? Instance { get; init; }

    public IReadOnlyList<ExecInstance>? Instances { get; init; }

    public bool Complete { get; init; }

    public JsonNode? Deleted { get; init; }

    public IReadOnlyList<ExecFinding>? Findings { get; init; }

    public ExecError? Error { get; init; }
}

internal sealed record ExecInstance(
    string? Id,
    string? Name,
    string? Status,
    DateTimeOffset? CreatedAt,
    IReadOnlyList<string>? Addresses,
    int? Port,
    IReadOnlyList<string>? Tags,
    string? Placement,
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] decimal? HourlyPrice,
    JsonNode? Interrupted);

internal sealed record ExecFinding(string? Level, string? Subject, string? Message);

internal sealed record ExecError(string? Kind, string? Message, double? RetryAfterS);

/// <summary>What a program says of itself.</summary>
internal sealed record ExecDescription(
    IReadOnlyList<int>? Protocols,
    string? Name,
    string? Version,
    ExecBilling? Billing,
    int? UserDataMax,
    string? UserDataEncoding,
    bool? Gzip,
    ExecRequests? Requests,
    int? Parallel,
    IReadOnlyList<string>? Secrets,
    bool? IdsReused,
    bool? Sweep);

internal sealed record ExecBilling(double? GranularityS, double? MinimumS, decimal? MinimumCharge, bool? BilledWhileOff);

internal sealed record ExecRequests(int? Limit, double? WindowS);
