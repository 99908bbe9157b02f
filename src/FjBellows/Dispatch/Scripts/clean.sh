# Removes what an ended dispatch left. Exit 75: it still runs. What cannot be removed is named, and is a failure of the command.
if [ -d "$d" ]; then
  if [ ! -s "$record" ] && ! begin; then settle; fi
  if busy "$d"; then exit 75; fi
fi
sweep

fail() {
  echo "$*" >&2
  exit 1
}

erase() {
  [ -e "$1" ] || [ -h "$1" ] || return 0
  # A job may leave directories that are not writable (Go's module cache), which stop rm for everyone but root; and directories of root's.
  why=$(rm -rf "$1" 2>&1) || { chmod -R u+rwx "$1" 2> /dev/null; why=$(rm -rf "$1" 2>&1); } ||
    { [ -n "$helper" ] && $root "$helper" erase "$id" && why=$(rm -rf "$1" 2>&1); } ||
    fail "cannot remove $1: $(echo "$why" | head -n 3)"
}

# A hanging engine must not block the clean-up indefinitely.
engine() {
  if [ -n "$timeout" ]; then timeout 100 docker "$@"; else docker "$@"; fi
}
timeout=''
if command -v timeout > /dev/null 2>&1; then timeout=1; fi

# Calls $1 to list and $2… to remove until nothing is left. Something that goes by itself meanwhile is no failure.
until_none() {
  list=$1
  shift
  tries=0
  while :; do
    left=$($list) || fail "cannot list what the job left on the engine ($list)"
    [ -n "$left" ] || return 0
    [ "$tries" -lt 3 ] || fail "cannot remove from the engine ($*): $why"
    why=$(engine "$@" $left 2>&1 > /dev/null) || :
    tries=$((tries + 1))
  done
}

# Containers whose names are of this runner's tasks, and what only they use.
of_tasks() {
  for task in $(sed -n 's/.*task \([0-9][0-9]*\) repo is .*/\1/p' "$log" 2> /dev/null); do
    engine ps -aq --filter "name=FORGEJO-ACTIONS-TASK-$task([^0-9]|\$)" || return 1
  done
}
all_containers() { engine ps -aq; }
all_volumes() { engine volume ls -q; }
# Networks by the name the runner gives them: 32 hexadecimal digits after WORKFLOW-. Volumes: the same digits alone, or with -env.
hex='[0-9a-f]\{32\}'
own_networks() {
  for name in $networks; do engine network ls -q --filter "name=^$name\$" || return 1; done
}
own_volumes() {
  for name in $volumes; do engine volume ls -q --filter "name=^$name\$" || return 1; done
}

if [ "$docker" != none ]; then
  everything=''
  if [ "$docker" = own ]; then
    everything=1
    for entry in "$jobs"/*/ "$units"/*/; do
      if [ -d "$entry" ] && busy "${entry%/}"; then everything=''; fi
    done
  fi
  set -f
  if [ -n "$everything" ]; then
    until_none all_containers rm -fv
    engine network prune -f > /dev/null || fail "cannot remove the job's networks from the engine"
    until_none all_volumes volume rm -f
  else
    left=$(of_tasks) || fail "cannot list the job's containers on the engine"
    networks='' volumes=''
    if [ -n "$left" ]; then
      used=$(engine inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}network {{$name}}{{"\n"}}{{end}}{{range .Mounts}}{{if eq .Type "volume"}}volume {{.Name}}{{"\n"}}{{end}}{{end}}' $left 2> /dev/null) || :
      networks=$(echo "$used" | sed -n "s/^network \(WORKFLOW-$hex\)\$/\1/p" | sort -u)
      volumes=$(echo "$used" | sed -n -e "s/^volume \($hex\)\$/\1/p" -e "s/^volume \($hex-env\)\$/\1/p" | sort -u)
    fi
    until_none of_tasks rm -fv
    until_none own_networks network rm
    until_none own_volumes volume rm -f
  fi
  set +f
fi
erase "$work/$id" && erase "$d"
if [ -n "$unit" ]; then $root "$helper" forget "$id" || fail "cannot remove the unit of dispatch $id"; fi
