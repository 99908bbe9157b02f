namespace FjBellows.Tests.Architecture.WrongArrow.Lower
{
    /// <summary>Below, and uses what is above: what the test of the arrows must find.</summary>
    internal sealed class Worker
    {
        /// <summary>The wrong arrow, inside a method only.</summary>
        public static string Ask() => new Upper.Pool().Name;
    }
}

namespace FjBellows.Tests.Architecture.WrongArrow.Upper
{
    /// <summary>Above.</summary>
    internal sealed class Pool
    {
        public string Name { get; } = "pool";
    }
}
