using System.Diagnostics;
using FjBellows.Dispatch;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>Every script is read by a POSIX shell that knows nothing else.</summary>
[Needs(Part.Dash, Part.Busybox)]
public sealed class ScriptTextTests
{
    [Theory]
    [InlineData("dash", "-n")]
    [InlineData("busybox", "sh", "-n")]
    [InlineData("bash", "--posix", "-n")]
    public async Task Every_script_is_posix(string shell, params string[] words)
    {
        var path = new[] { "/bin/", "/usr/bin/" }.Select(directory => directory + shell).First(File.Exists);
        var scripts = new DispatchScripts(new RunnerSetup
        {
            ForgejoUrl = "https://forge.test/",
            RunnerCommand = ["forgejo-runner"],
            JobsDirectory = "/run/jobs",
            WorkDirectory = "/var/jobs",
        });
        foreach (var text in new[]
        {
            scripts.Launch(DispatchBench.Launch()).Command, scripts.Run(DispatchBench.Launch()), scripts.Follow(DispatchBench.Id, from: 1),
            scripts.Inspect(),
            scripts.Signal(DispatchBench.Id, RunnerSignal.Kill), scripts.EndWait(DispatchBench.Id), scripts.Clean(DispatchBench.Id),
            scripts.Ready(),
        })
        {
            using var process = Process.Start(
                new ProcessStartInfo(path, words) { RedirectStandardInput = true, RedirectStandardError = true })!;
            await process.StandardInput.WriteAsync(text);
            process.StandardInput.Close();
            var error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            error.ShouldBeEmpty();
            process.ExitCode.ShouldBe(0);
        }
    }
}
