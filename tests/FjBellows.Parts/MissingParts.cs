using Xunit.Abstractions;
using Xunit.Sdk;

namespace FjBellows.Parts;

/// <summary>Reports tests that cannot run here, and at the end how many they are and what would enable them.</summary>
internal sealed class MissingParts
{
    /// <summary>Beside the tests' assembly; the build prints it when the tests are over.</summary>
    private const string File = "skipped-tests.txt";

    private static readonly bool OnCi = Environment.GetEnvironmentVariable("CI") is { Length: > 0 };
    private readonly Lock _lock = new();
    private readonly HashSet<PartEntry> _parts = [];
    private int _count;

    /// <summary>Reports one test as skipped, or as failed on CI.</summary>
    public RunSummary Report(IMessageBus bus, IXunitTestCase testCase, IReadOnlyList<PartEntry> missing)
    {
        lock (_lock)
        {
            _parts.UnionWith(missing);
            _count++;
        }

        var (cases, reason) = (new ITestCase[] { testCase }, $"needs {string.Join(" and ", missing)}");
        var (method, test) = (testCase.TestMethod, new XunitTest(testCase, testCase.DisplayName));
        var (failed, skipped) = OnCi ? (1, 0) : (0, 1);
        var (@class, collection) = (method.TestClass, method.TestClass.TestCollection);
        IMessageSinkMessage[] messages =
        [
            new TestCollectionStarting(cases, collection),
            new TestClassStarting(cases, @class),
            new TestMethodStarting(cases, method),
            new TestCaseStarting(testCase),
            new TestStarting(test),
            OnCi ? new TestFailed(
                test, 0, null, new PartMissingException($"{reason}; CI is set, so nothing may be missing")) : new TestSkipped(test, reason),
            new TestFinished(test, 0, null),
            new TestCaseFinished(testCase, 0, 1, failed, skipped),
            new TestMethodFinished(cases, method, 0, 1, failed, skipped),
            new TestClassFinished(cases, @class, 0, 1, failed, skipped),
            new TestCollectionFinished(cases, collection, 0, 1, failed, skipped),
        ];
        foreach (var message in messages)
        {
            bus.QueueMessage(message);
        }

        return new RunSummary { Total = 1, Failed = failed, Skipped = skipped };
    }

    /// <summary>Writes the count in the first line, and then a line for each part: its package or, after a colon, what else to
    /// do.</summary>
    public void WriteReport()
    {
        var path = Path.Combine(AppContext.BaseDirectory, File);
        if (_count == 0)
        {
            System.IO.File.Delete(path);
            return;
        }

        var lines = _parts.Select(p => p.Hint is null ? $"{p.Package}" : $": {p.Name}: {p.Hint}").Order(StringComparer.Ordinal);
        System.IO.File.WriteAllLines(path, lines.Prepend($"{_count}"));
    }
}
