using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace FjBellows.Parts;

/// <summary>xunit as it is, except that tests whose parts are missing are not run. Every test project runs in it
/// (tests/Directory.Build.targets).</summary>
/// <param name="messageSink">Where xunit reports what is of interest to those who debug it.</param>
public sealed class PartsTestFramework(IMessageSink messageSink) : XunitTestFramework(messageSink)
{
    /// <inheritdoc/>
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName name, ISourceInformationProvider source, IMessageSink diagnostics)
        : XunitTestFrameworkExecutor(name, source, diagnostics)
    {
        protected override async void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            using var runner = new PartsAssemblyRunner(
                TestAssembly, testCases, DiagnosticMessageSink, executionMessageSink, executionOptions);
            await runner.RunAsync();
        }
    }
}
