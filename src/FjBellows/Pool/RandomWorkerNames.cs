using System.Security.Cryptography;

namespace FjBellows.Pool;

/// <summary>Names no one can guess and no one had: the tag and ten random letters and digits.</summary>
public sealed class RandomWorkerNames : IWorkerNames
{
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <inheritdoc />
    public string Next(string tag) => $"{tag}-{RandomNumberGenerator.GetString(Alphabet, 10)}";
}
