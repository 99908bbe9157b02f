using System.Text.RegularExpressions;
using FjBellows.Billing;
using FjBellows.Daemon.Providers;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Daemon.Configuration;

/// <summary>Reads the pools of a file: those under <c>pools</c>, or the one that the file as a whole is.</summary>
internal sealed partial class PoolReader(
    ConfigSection root, ProviderModules modules, ForgejoConfig? forgejo, string? tag, Findings findings, ConfigSources sources)
{
    /// <summary>Reads them.</summary>
    /// <returns>The pools; where their parts are null, findings say why.</returns>
    public IReadOnlyList<ReadPool> Read()
    {
        var pools = root.Node(ConfigKeys.Pools) switch
        {
            null => [ReadPool(ConfigKeys.DefaultPool, root)],
            ConfigMap map =>
                [.. map.Entries.Select(e => (e.Key, e.KeyMark, Section: Open(e.Key, e.Value, ConfigKeys.Pool.Keys)))
                    .Where(p => p.Section is not null).Select(p => Named(p.Key, p.KeyMark, p.Section!))],
            ConfigList list =>
                [.. list.Items.Select((item, i) => Open($"{i}", item, ConfigKeys.Pool.NamedKeys)).OfType<ConfigSection>().Select(Named)],
            var node => Refuse(node),
        };

        if (root.Has(ConfigKeys.Pools) && pools.Count == 0 && findings.Errors == 0)
        {
            root.Error(
                ConfigKeys.Pools, "there is no pool under 'pools'", "name at least one, or leave 'pools' out: the file is then one pool");
        }

        foreach (var twice in pools.GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Key.Length > 0 && g.Count() > 1))
        {
            findings.Error(
                twice.Last().Mark, "pools", $"there are two pools named '{twice.Key}'",
                "the name identifies the pool's journal: give each pool its own");
        }

        WarnOfSharedLabels(pools);
        return pools;
    }

    private IReadOnlyList<ReadPool> Refuse(ConfigNode node)
    {
        findings.Error(
            node.Mark, "pools", $"pools expected a mapping or a list, found {node.Kind}",
            "write each pool's name and a colon on a line, and its keys below it");
        return [];
    }

    private ConfigSection? Open(string name, ConfigNode node, IReadOnlyList<ConfigKey> keys)
    {
        if (node is ConfigMap map)
        {
            return new ConfigSection($"pools.{name}", map, keys, findings, sources);
        }

        findings.Error(
            node.Mark, $"pools.{name}", $"pools.{name} expected a mapping, found {node.Kind}",
            "write the pool's keys below its name: labels, provider, provider_config, scale, poll");
        return null;
    }

    private ReadPool Named(ConfigSection section)
    {
        var name = section.Get(ConfigKeys.Pool.Name);
        if (name is null && !section.Has(ConfigKeys.Pool.Name))
        {
            section.Error(ConfigKeys.Pool.Name, $"{section.Path} has no name", "give each pool a name: letters, digits and hyphens");
        }

        return Named(name ?? "", section.MarkOf(ConfigKeys.Pool.Name), section);
    }

    private ReadPool Named(string name, Mark mark, ConfigSection section)
    {
        if (name.Length > 0 && !NameForm().IsMatch(name))
        {
            findings.Error(
                mark, section.Path, $"'{name}' cannot be a pool's name",
                "use 1 to 32 letters, digits and hyphens, a letter or digit first");
        }

        return ReadPool(name, section) with { Mark = mark };
    }

    private ReadPool ReadPool(string name, ConfigSection section)
    {
        var before = findings.Errors;
        var labels = ReadLabels(name, section);
        var plan = ReadProvider(section);
        var scale = section.Has(ConfigKeys.Scale.Section) ? section : root;
        var scaled = new ScaleReader(scale.Section(ConfigKeys.Scale.Section), findings, labels, ownLabels: scale == section).Read();
        var poll = ReadPoll(section, plan);
        if (findings.Errors > before || labels is null || plan is null || forgejo is null || tag is null || name.Length == 0)
        {
            return new ReadPool(name, section.Mark, labels, null, plan);
        }

        return new ReadPool(name, section.Mark, labels, poll with
        {
            Name = name,
            Labels = labels,
            Ownership = Ownership.Of(forgejo.Url, forgejo.Scope.ToString(), tag, name),
            Max = scaled.Max,
            Waiting = scaled.Waiting,
            Reserve = scaled.Reserve,
        }, plan);
    }

    private LabelSet? ReadLabels(string pool, ConfigSection section)
    {
        var own = section != root && section.Has(ConfigKeys.Pool.Labels);
        var forgejoSection = root.Section(ConfigKeys.Forgejo.Section);
        var (at, key) = own ? (section, ConfigKeys.Pool.Labels) : (forgejoSection, ConfigKeys.Forgejo.Labels);
        if (!at.Has(key))
        {
            if (root.Has(ConfigKeys.Forgejo.Section))
            {
                at.Error(
                    key, section == root
                        ? "forgejo.labels is missing: a pool without labels never gets a job"
                        : $"pool '{pool}' has no labels, and forgejo.labels is missing too",
                    "name at least one label, such as 'docker' or 'ubuntu:docker://node:22-bookworm'");
            }

            return null;
        }

        if (at.Get(key) is not { } texts)
        {
            return null;
        }

        var fine = texts.Select(Fits).ToArray().All(ok => ok);
        if (texts.Count == 0)
        {
            at.Error(
                key, $"{at.FullName(key)} is an empty list: a pool without labels never gets a job",
                "name at least one label, such as 'docker' or 'ubuntu:docker://node:22-bookworm'");
        }

        return fine && texts.Count > 0 ? LabelSet.Parse(texts.Select(t => t.Text)) : null;

        bool Fits(PlacedText text)
        {
            try
            {
                RunnerLabel.Parse(text.Text);
                return true;
            }
            catch (FormatException e)
            {
                findings.Error(
                    text.Mark, at.FullName(key), e.Message,
                    "write it as forgejo-runner does: name, name:docker://IMAGE, name:host or name:lxc://TEMPLATE");
                return false;
            }
        }
    }

    private IProviderConfig? ReadProvider(ConfigSection section)
    {
        // A provider and its keys belong together: a pool that names its own provider does not inherit another's keys.
        var at = section.Has(ConfigKeys.Provider) || section.Has(ConfigKeys.ProviderConfig) ? section : root;
        var nameAt = section.Has(ConfigKeys.Provider) ? section : root;
        if (nameAt.Get(ConfigKeys.Provider) is not { Length: > 0 } name)
        {
            if (!nameAt.Has(ConfigKeys.Provider))
            {
                section.Error(
                    ConfigKeys.Provider, $"{section.FullName(ConfigKeys.Provider)} is missing",
                    $"name one of: {string.Join(", ", modules.Names)}");
            }

            return null;
        }

        if (modules.Find(name) is not { } module)
        {
            var near = NearestName.Of(name, modules.Names) is { } word ? $"did you mean {word}? " : "";
            nameAt.Error(ConfigKeys.Provider, $"there is no provider '{name}'", $"{near}known: {string.Join(", ", modules.Names)}");
            return null;
        }

        var before = findings.Errors;
        var plan = module.Decode(at.Section(ConfigKeys.ProviderConfig, module.Keys));
        return findings.Errors == before ? plan : null;
    }

    private PoolSettings ReadPoll(ConfigSection section, IProviderConfig? plan)
    {
        var own = section.Section(ConfigKeys.Poll.Section);
        var top = section == root ? own : root.Section(ConfigKeys.Poll.Section);
        var before = findings.Errors;
        var teardown = new TeardownSettings(Get(ConfigKeys.Poll.IdleTimeout), Get(ConfigKeys.Poll.HourMargin));
        TimeSpan? hour = own.Has(ConfigKeys.Poll.BillingHour)
            || top.Has(ConfigKeys.Poll.BillingHour) ? Get(ConfigKeys.Poll.BillingHour) : null;
        var settings = new PoolSettings
        {
            Name = "",
            Labels = LabelSet.Parse(["unread"]),
            Ownership = new Ownership("", ""),
            Teardown = teardown,
            BillingHour = hour,
            Poll = new PollSettings
            {
                Interval = Get(ConfigKeys.Poll.Interval),
                BusyInterval = Get(ConfigKeys.Poll.BusyInterval),
                BusyFor = Get(ConfigKeys.Poll.BusyFor),
                Runners = Get(ConfigKeys.Poll.RunnersInterval),
                Instances = Get(ConfigKeys.Poll.InstancesInterval),
            },
            Timeouts = new TimeoutSettings { Boot = Get(ConfigKeys.Poll.BootTimeout), MaxJobRuntime = Get(ConfigKeys.Poll.MaxJobRuntime) },
        };

        if (plan is not null && findings.Errors == before)
        {
            var billing = hour is { } h ? plan.Billing.WithHour(h) : plan.Billing;
            foreach (var problem in teardown.Problems(billing))
            {
                var at = own.Has(ConfigKeys.Poll.HourMargin) || own.Has(ConfigKeys.Poll.BillingHour) ? own : top;
                var key = at.Has(ConfigKeys.Poll.HourMargin) ? ConfigKeys.Poll.HourMargin : ConfigKeys.Poll.BillingHour;
                at.Error(key, $"poll: {problem}", "choose an hour_margin of a few minutes and well below billing_hour");
            }
        }

        return settings;

        TimeSpan Get(ConfigKey<TimeSpan> key) => (own.Has(key) ? own : top).Get(key);
    }

    private void WarnOfSharedLabels(IReadOnlyList<ReadPool> pools)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pool in pools.Where(p => p.Labels is not null))
        {
            foreach (var label in pool.Labels!.Labels.Select(l => l.Name).Distinct(StringComparer.Ordinal))
            {
                if (!seen.TryAdd(label, pool.Name))
                {
                    findings.Warn(
                        pool.Mark, "pools",
                        $"the pools '{seen[label]}' and '{pool.Name}' share the label '{label}': a job with only this label is " +
                        $"provisioned for by both", "give such jobs a label that only one pool has");
                }
            }
        }
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9-]{0,31}$", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();
}

/// <summary>A pool as far as it could be read.</summary>
/// <param name="Mark">Where it begins.</param>
/// <param name="Labels">Its labels, null after a finding.</param>
/// <param name="Settings">The pool's settings, null after a finding.</param>
/// <param name="Plan">Where its workers come from, null after a finding.</param>
internal sealed record ReadPool(string Name, Mark Mark, LabelSet? Labels, PoolSettings? Settings, IProviderConfig? Plan);
