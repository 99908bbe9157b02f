namespace FjBellows.Testing;

/// <summary>What goes wrong with a cloud.</summary>
public enum CloudTrouble
{
    /// <summary>The next create is carried out, and its answer is lost.</summary>
    LostCreateAnswer,

    /// <summary>The next delete is carried out, and its answer is lost.</summary>
    LostDeleteAnswer,

    /// <summary>The next create is answered by a server's failure and not carried out.</summary>
    CreateFails,

    /// <summary>The next create is carried out and answered by a server's failure all the same.</summary>
    CreateWorksBehindFailure,

    /// <summary>The next create is refused for too many requests, with a pause of 40 s.</summary>
    TooManyRequests,

    /// <summary>The account may not own more.</summary>
    QuotaReached,

    /// <summary>There is no capacity, in any place configured.</summary>
    NoCapacity,

    /// <summary>The next create is accepted, and fails for want of capacity afterwards.</summary>
    LateFailure,

    /// <summary>The token is refused.</summary>
    TokenRefused,

    /// <summary>The next look-up of an instance gets a proxy's page of "not found".</summary>
    ProxysNotFound,

    /// <summary>The next list is answered by a page of HTML under a status of success.</summary>
    ListIsHtml,

    /// <summary>The list has several pages, and the last of them fails.</summary>
    LastPageFails,

    /// <summary>The next create is refused with a sentence that repeats all that was sent.</summary>
    EchoesWhatWasSent,

    /// <summary>Every instance has a state that no version knows.</summary>
    UnknownStatus,
}
