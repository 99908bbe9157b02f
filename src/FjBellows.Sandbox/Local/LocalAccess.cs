namespace FjBellows.Sandbox.Local;

/// <summary>How the instances of the provider <c>local</c> are reached.</summary>
public enum LocalAccess
{
    /// <summary>By plain processes of the daemon's own user.</summary>
    Process,

    /// <summary>Over SSH: each instance has an sshd of its own on a loopback address of its own, with the host key it was born
    /// with.</summary>
    Ssh,
}
