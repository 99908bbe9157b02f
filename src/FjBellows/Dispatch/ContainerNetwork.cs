namespace FjBellows.Dispatch;

/// <summary>Which network job containers are put into.</summary>
public enum ContainerNetwork
{
    /// <summary>The worker's own where Forgejo's name has to be overridden for containers, else what the runner takes by itself.</summary>
    Automatic,

    /// <summary>One per job, made by the runner: services are found by name and no port is taken on the worker.</summary>
    PerJob,
}
