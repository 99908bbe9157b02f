namespace FjBellows.Dispatch;

/// <summary>A dispatch as its worker knows it.</summary>
/// <param name="Alive">True while its process lives.</param>
/// <param name="ExitCode">Its exit code once it has ended and left one.</param>
public sealed record RunnerProcess(DispatchId Dispatch, bool Alive, int? ExitCode)
{
    /// <summary>Who vouches for the exit code.</summary>
    public ExitSource Source { get; init; } = ExitSource.File;
}
