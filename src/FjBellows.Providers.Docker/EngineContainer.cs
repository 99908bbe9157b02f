using Docker.DotNet.Models;

namespace FjBellows.Providers.Docker;

/// <summary>A container as its engine describes it.</summary>
/// <param name="Id">Its full id.</param>
/// <param name="Name">Its name; people may change it.</param>
/// <param name="State">The engine's word for its state.</param>
/// <param name="CreatedAt">When it was made, by the engine's clock.</param>
internal sealed record EngineContainer(string Id, string Name, string State, DateTimeOffset CreatedAt, IDictionary<string, string> Labels)
{
    /// <summary>The worker that it is; null for a container of somebody else.</summary>
    public string? Worker => ContainerLabels.WorkerOf(Labels);

    /// <summary>The pool's word for its state, Docker's words and Podman's.</summary>
    public InstanceStatus Status => State switch
    {
        "created" or "configured" or "initialized" => InstanceStatus.Starting,
        "running" or "paused" or "restarting" => InstanceStatus.Running,
        "removing" => InstanceStatus.Deleting,
        "exited" or "dead" or "stopped" => InstanceStatus.Stopped,
        _ => InstanceStatus.Unknown,
    };

    /// <summary>Why nothing can run in it; null when something can. Known of a container that was asked for by itself.</summary>
    public string? NotRunning { get; private init; }

    /// <summary>What the engine says of one container.</summary>
    public static EngineContainer Of(ContainerInspectResponse said)
    {
        var state = said.State ?? new State();
        return new EngineContainer(
            said.ID, said.Name.TrimStart('/'), state.Status, At(said.Created), said.Config?.Labels ?? new Dictionary<string, string>())
        {
            NotRunning = state switch
            {
                { Running: true } => null,
                { OOMKilled: true } =>
                    $"the container has ended with exit code {state.ExitCode}: it used more memory than it may (provider_config.memory)",
                { Status: "exited" or "stopped" or "dead" } =>
                    $"the container has ended with exit code {state.ExitCode}{(state.Error is { Length: > 0 } error ? $": {error}" : "")}",
                _ => $"the container does not run; the engine calls it '{state.Status}'",
            },
        };
    }

    /// <summary>What the engine says of one container in a list.</summary>
    public static EngineContainer Of(ContainerListResponse said) => new(
        said.ID, said.Names?.FirstOrDefault()?.TrimStart('/') ?? "", said.State, At(said.Created),
        said.Labels ?? new Dictionary<string, string>());

    /// <summary>In whole seconds, as a list has it, so that both say the same.</summary>
    private static DateTimeOffset At(DateTime time) =>
        DateTimeOffset.FromUnixTimeSeconds(new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeSeconds());
}
