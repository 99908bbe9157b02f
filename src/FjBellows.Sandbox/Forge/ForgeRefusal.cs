namespace FjBellows.Sandbox.Forge;

/// <summary>Why the stand-in refuses a call, as Connect codes; REST turns them into its own status codes.</summary>
public enum ForgeRefusal
{
    /// <summary>No or unknown credentials: 401.</summary>
    Unauthenticated,

    /// <summary>Known, but not allowed: 403.</summary>
    Forbidden,

    /// <summary>Not there, or not visible: 404.</summary>
    NotFound,

    /// <summary>A parameter that means nothing: 400.</summary>
    BadRequest,

    /// <summary>The request makes no sense: 400, or 422 over REST.</summary>
    Invalid,

    /// <summary>The log is closed already: 409.</summary>
    AlreadyExists,

    /// <summary>What Forgejo answers with 500.</summary>
    Internal,
}
