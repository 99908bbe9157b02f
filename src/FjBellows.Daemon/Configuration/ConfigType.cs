using System.Text.Json.Nodes;

namespace FjBellows.Daemon.Configuration;

/// <summary>How a kind of value is read from YAML.</summary>
/// <typeparam name="T">What it is read as.</typeparam>
/// <param name="Kind">The kind, for people.</param>
/// <param name="Read">Reads a node; on failure adds to the findings and returns default.</param>
/// <param name="Schema">Its JSON schema.</param>
internal sealed record ConfigType<T>(string Kind, Func<ConfigNode, ValueContext, T?> Read, Func<JsonObject> Schema);
