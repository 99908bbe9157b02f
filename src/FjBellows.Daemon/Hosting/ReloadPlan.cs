using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control;
using FjBellows.Daemon.Providers;

namespace FjBellows.Daemon.Hosting;

/// <summary>What differs between two configurations, and whether it can change while the daemon runs.</summary>
/// <param name="Changed">The keys that changed.</param>
/// <param name="Refused">Of these, the keys that need a restart.</param>
internal sealed record ReloadPlan(IReadOnlyList<string> Changed, IReadOnlyList<string> Refused)
{
    private static readonly string[] Groups = ["scale.", "poll."];
    private static readonly string[] Keys = ["labels", "forgejo.labels", "forgejo.token", "history.retention", "worker.reuse"];

    /// <summary>Compares. Pure.</summary>
    /// <param name="before">What is in force, as it was written.</param>
    /// <param name="after">What the file says now.</param>
    /// <param name="beforeConfig">What is in force, as it was read.</param>
    /// <param name="afterConfig">What was read now.</param>
    /// <param name="modules">The providers.</param>
    public static ReloadPlan Between(
        ConfigMap before, ConfigMap after, BellowsConfig beforeConfig, BellowsConfig afterConfig, ProviderModules modules)
    {
        var old = ControlConfig.Written(before, modules);
        var now = ControlConfig.Written(after, modules);
        var changed = old.Keys.Union(now.Keys).Where(key => old.GetValueOrDefault(key)?.Value != now.GetValueOrDefault(key)?.Value)
            .ToList();
        var refused = changed.Where(key => !MayChange(key, (now.GetValueOrDefault(key) ?? old[key]).IsSecret)).ToList();

        // A variable or a file may hold something else now, though the reference to it is the same.
        if (!Equals(beforeConfig.Forgejo.Token, afterConfig.Forgejo.Token) && !changed.Contains("forgejo.token"))
        {
            changed.Add("forgejo.token");
        }

        var names = beforeConfig.Pools.Select(p => p.Settings.Name).ToArray();
        if (!names.SequenceEqual(afterConfig.Pools.Select(p => p.Settings.Name)))
        {
            changed.Add("pools");
            refused.Add("pools");
            return new ReloadPlan(changed, refused);
        }

        foreach (var (earlier, later) in beforeConfig.Pools.Zip(afterConfig.Pools))
        {
            if (!earlier.Provider.Secrets.SequenceEqual(later.Provider.Secrets)
                && !changed.Any(key => key.Contains("provider_config.", StringComparison.Ordinal)))
            {
                changed.Add($"pools.{later.Settings.Name}.provider_config");
            }

            if (earlier.Settings.Labels.NeedsDocker != later.Settings.Labels.NeedsDocker)
            {
                // Workers are prepared for one or the other.
                refused.AddRange(changed.Where(key => key.EndsWith("labels", StringComparison.Ordinal)).Except(refused).ToArray());
            }
        }

        if (!Equals(beforeConfig.Ssh.Passphrase, afterConfig.Ssh.Passphrase) && !changed.Contains("ssh.passphrase"))
        {
            changed.Add("ssh.passphrase");
            refused.Add("ssh.passphrase");
        }

        if (!Equals(beforeConfig.State.Connection, afterConfig.State.Connection) && !changed.Contains("state.connection"))
        {
            changed.Add("state.connection");
            refused.Add("state.connection");
        }

        return new ReloadPlan(changed, refused);
    }

    private static bool MayChange(string key, bool isSecret)
    {
        var own = key.StartsWith("pools.", StringComparison.Ordinal) && key.Split('.', 3) is [_, _, var rest] ? rest : key;
        return Groups.Any(group => own.StartsWith(group, StringComparison.Ordinal))
            || Keys.Contains(own)
            || (isSecret && own.StartsWith("provider_config.", StringComparison.Ordinal));
    }
}
