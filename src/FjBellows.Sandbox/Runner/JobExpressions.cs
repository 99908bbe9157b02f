using System.Text;

namespace FjBellows.Sandbox.Runner;

/// <summary>The part of the expression language that the sandbox understands: names of the usual contexts, texts, the status functions,
/// <c>!</c>, <c>==</c>, <c>!=</c>, <c>&amp;&amp;</c> and <c>||</c>, without parentheses around them.</summary>
internal sealed class JobExpressions
{
    private static readonly string[] Contexts =
        ["github.", "forge.", "forgejo.", "gitea.", "env.", "matrix.", "secrets.", "vars.", "needs.", "steps.", "runner.", "job."];

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>True once a step failed that may not.</summary>
    public bool HasFailed { get; set; }

    public void Set(string name, string value) => _values[name] = value;

    public void SetAll(string context, IEnumerable<KeyValuePair<string, string>> values)
    {
        foreach (var (name, value) in values)
        {
            _values[$"{context}.{name}"] = value;
        }
    }

    /// <summary>Puts values in place of every <c>${{ … }}</c>.</summary>
    /// <exception cref="FormatException">An expression is not understood.</exception>
    public string Fill(string text)
    {
        var start = text.IndexOf("${{", StringComparison.Ordinal);
        if (start < 0)
        {
            return text;
        }

        var filled = new StringBuilder();
        var from = 0;
        for (; start >= 0; start = text.IndexOf("${{", from, StringComparison.Ordinal))
        {
            var end = text.IndexOf("}}", start, StringComparison.Ordinal);
            if (end < 0)
            {
                throw new FormatException($"'{text[start..]}' opens an expression that never ends");
            }

            filled.Append(text, from, start - from).Append(Value(text[(start + 3)..end]));
            from = end + 2;
        }

        return filled.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>Decides an <c>if:</c>. Where it names no status function, a failure before it makes it false.</summary>
    /// <exception cref="FormatException">It is not understood.</exception>
    public bool Decide(string condition)
    {
        var text = condition.Trim();
        if (text.StartsWith("${{", StringComparison.Ordinal) && text.EndsWith("}}", StringComparison.Ordinal))
        {
            text = text[3..^2].Trim();
        }

        if (text.Length == 0)
        {
            return !HasFailed;
        }

        var namesStatus = text.Contains("always()", StringComparison.Ordinal) || text.Contains("failure()", StringComparison.Ordinal)
            || text.Contains("success()", StringComparison.Ordinal) || text.Contains("cancelled()", StringComparison.Ordinal);
        return (namesStatus || !HasFailed) && IsTrue(Value(text));
    }

    private static bool IsTrue(string value) => value is not ("" or "false" or "0");

    private string Value(string expression)
    {
        if (Cut(expression, "||") is var (either, or))
        {
            return Value(either) is var first && IsTrue(first) ? first : Value(or);
        }

        if (Cut(expression, "&&") is var (both, and))
        {
            return Value(both) is var first && IsTrue(first) ? Value(and) : first;
        }

        if (Cut(expression, "==") is var (left, right))
        {
            return string.Equals(Value(left), Value(right), StringComparison.OrdinalIgnoreCase) ? "true" : "false";
        }

        if (Cut(expression, "!=") is var (one, other))
        {
            return string.Equals(Value(one), Value(other), StringComparison.OrdinalIgnoreCase) ? "false" : "true";
        }

        return Term(expression.Trim());
    }

    private string Term(string term)
    {
        if (term.StartsWith('!'))
        {
            return IsTrue(Term(term[1..].Trim())) ? "false" : "true";
        }

        if (term is ['\'', .., '\''])
        {
            return term[1..^1].Replace("''", "'", StringComparison.Ordinal);
        }

        switch (term)
        {
            case "always()" or "true":
                return "true";
            case "success()":
                return HasFailed ? "false" : "true";
            case "failure()":
                return HasFailed ? "true" : "false";
            case "cancelled()" or "false":
                return "false";
            case "job.status":
                return HasFailed ? "failure" : "success";
        }

        if (double.TryParse(term, System.Globalization.CultureInfo.InvariantCulture, out _))
        {
            return term;
        }

        return Array.Exists(Contexts, c => term.StartsWith(c, StringComparison.Ordinal))
            && term.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? _values.GetValueOrDefault(term, "")
            : throw new FormatException($"the sandbox runner does not understand the expression '{term}'");
    }

    /// <summary>The two sides of an operator that stands outside quotes, null where there is none.</summary>
    private static (string Left, string Right)? Cut(string expression, string sign)
    {
        var quoted = false;
        for (var i = 0; i < expression.Length; i++)
        {
            if (expression[i] == '\'')
            {
                quoted = !quoted;
            }
            else if (!quoted && string.CompareOrdinal(expression, i, sign, 0, sign.Length) == 0)
            {
                return (expression[..i], expression[(i + sign.Length)..]);
            }
        }

        return null;
    }
}
