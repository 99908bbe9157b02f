using System.Text.Json.Serialization;

namespace FjBellows.Daemon.Control.Api;

/// <summary>The body of <c>POST /api/v1/pause</c>, <c>/resume</c> and <c>/reconcile</c>.</summary>
/// <param name="Pool">The pool; null for all.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PoolRequest(string? Pool = null);

/// <summary>The body of <c>POST /api/v1/provision</c>.</summary>
/// <param name="Count">How many workers to create, at least 1.</param>
/// <param name="Pool">The pool; null where there is one only.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ProvisionRequest(int Count = 1, string? Pool = null);

/// <summary>The body of <c>POST /api/v1/delete</c>.</summary>
/// <param name="Force">True to lose the job that it runs.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeleteRequest(string Worker, bool Force = false);

/// <summary>The body of <c>POST /api/v1/release</c>.</summary>
public sealed record ReleaseRequest(string Worker);

/// <summary>The body of <c>POST /api/v1/drain</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DrainRequest(string Worker);

/// <summary>The body of <c>POST /api/v1/exec</c>.</summary>
/// <param name="Command">The shell command, at most 64 KiB.</param>
/// <param name="TimeoutSeconds">The longest it may take, at most 60.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ExecRequest(string Worker, string Command, int TimeoutSeconds = 60);
