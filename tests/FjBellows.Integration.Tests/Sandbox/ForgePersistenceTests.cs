using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Sandbox;

public sealed class ForgePersistenceTests
{
    [Fact]
    public async Task A_stand_in_that_comes_back_on_its_port_lets_the_running_job_end_there()
    {
        var directory = Directory.CreateTempSubdirectory("forge-state-").FullName;
        var file = Path.Combine(directory, "forge.json");
        try
        {
            var forge = await Forge.StartAsync(stateFile: file);
            var port = new Uri(forge.Server.Url).Port;
            var job = forge.Enqueue("while [ ! -e " + directory + "/go ]; do sleep 0.05; done");
            var waiting = forge.Enqueue("true");
            var run = forge.RunAsync(forge.State.Register(ForgeScope.Admin, "r1"), default, "--handle", job.Handle);
            await forge.UntilAsync(job.Id, j => j.Status == ForgeJobStatus.Running);
            await forge.UntilAsync(job.Id, j => j.Current!.Log.Count > 0);
            var token = forge.State.Register(ForgeScope.Admin, "r2").Token.Reveal();
            await forge.Server.DisposeAsync();

            await File.WriteAllTextAsync(Path.Combine(directory, "go"), "");
            var text = await File.ReadAllTextAsync(file);
            text.ShouldNotContain(token);
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            await using (var again = await Forge.StartAsync(port, file))
            {
                (await run).Exit.ShouldBe(0);
                var done = again.State.Job(job.Id);
                (done.Status, done.Starts, done.Handle).ShouldBe((ForgeJobStatus.Success, 1, job.Handle));
                done.Current!.Log.ShouldContain(l => l.Contains("Job succeeded", StringComparison.Ordinal));
                again.State.Job(waiting.Id).Status.ShouldBe(ForgeJobStatus.Waiting);
            }

            Directory.Delete(forge.Directory, recursive: true);
            forge.Http.Dispose();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Every_reply_is_on_disk_before_it_is_sent()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("forge-state-").FullName, "forge.json");
        try
        {
            await using var forge = await Forge.StartAsync(stateFile: file);
            for (var i = 1; i <= 20; i++)
            {
                using var content = new StringContent($$"""{"name":"r{{i}}"}""", System.Text.Encoding.UTF8, "application/json");
                (await forge.SendAsync(HttpMethod.Post, "/api/v1/admin/actions/runners", content: content)).EnsureSuccessStatusCode();

                ForgeState.Load(await File.ReadAllBytesAsync(file)).Runners(ForgeScope.Admin).Count.ShouldBe(i);
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public async Task A_broken_state_file_is_refused_and_left_alone()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "not json");

        await Should.ThrowAsync<InvalidDataException>(() => Forge.StartAsync(stateFile: file));

        (await File.ReadAllTextAsync(file)).ShouldBe("not json");
        File.Delete(file);
    }
}
