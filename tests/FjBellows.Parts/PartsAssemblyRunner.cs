using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FjBellows.Parts;

/// <summary>
/// Runs the tests of an assembly: those that need no parts first, and those whose parts are missing not at all. No fixture of a test that
/// does not run is made.
/// </summary>
internal sealed class PartsAssemblyRunner : XunitTestAssemblyRunner
{
    private readonly MissingParts _missing = new();

    public PartsAssemblyRunner(
        ITestAssembly testAssembly, IEnumerable<IXunitTestCase> testCases, IMessageSink diagnosticMessageSink,
        IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        : base(testAssembly, testCases, diagnosticMessageSink, executionMessageSink, executionOptions) =>
        TestCollectionOrderer = new FastFirst(
            TestCases.GroupBy(c => c.TestMethod.TestClass.TestCollection.UniqueID)
                .ToDictionary(g => g.Key, g => g.Any(c => NeedsOf.Case(c).Count > 0)));

    protected override async Task BeforeTestAssemblyFinishedAsync()
    {
        await base.BeforeTestAssemblyFinishedAsync();
        _missing.WriteReport();
    }

    protected override async Task<RunSummary> RunTestCollectionAsync(
        IMessageBus messageBus, ITestCollection testCollection, IEnumerable<IXunitTestCase> testCases,
        CancellationTokenSource cancellationTokenSource)
    {
        var cases = testCases.Select(c => (Case: c, Missing: PartCatalog.Missing(NeedsOf.Case(c)))).ToLookup(c => c.Missing.Count > 0);
        var summary = new RunSummary();
        foreach (var (testCase, missing) in cases[true])
        {
            summary.Aggregate(_missing.Report(messageBus, testCase, missing));
        }

        if (cases[false].Any())
        {
            summary.Aggregate(
                await base.RunTestCollectionAsync(
                    messageBus, testCollection, [.. cases[false].Select(c => c.Case)], cancellationTokenSource));
        }

        return summary;
    }

    private sealed class FastFirst(IReadOnlyDictionary<Guid, bool> needsParts) : ITestCollectionOrderer
    {
        public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
            testCollections.OrderBy(c => needsParts.GetValueOrDefault(c.UniqueID));
    }
}
