namespace FjBellows.Sandbox.Forge;

/// <summary>A fresh registration; the token is told this once.</summary>
/// <param name="Id">Forgejo's id.</param>
/// <param name="Uuid">What the runner names itself by.</param>
/// <param name="Token">The runner's token, 40 hexadecimal digits.</param>
public sealed record ForgeCredentials(long Id, string Uuid, Secret Token);
