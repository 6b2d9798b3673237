//! What a worker gives up before untrusted code runs in it: descriptors, memory, processor time, files, and most of the kernel.
//!
//! None of this is needed while the layer inside the process holds. It is for the day when it does not.
#![allow(unsafe_code)]

use crate::sandbox::Job;

/// Gives up at its start what no worker ever needs: open files besides its pipes, privileges to come, traces in a core file.
pub fn prepare() {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: no Rust value owns any of these descriptors yet: this is the first thing that the process does.
        unsafe { libc::close_range(3, u32::MAX, 0) };
        let _ = rustix::thread::set_no_new_privs(true);
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
    #[cfg(unix)]
    limit(rustix::process::Resource::Core, 0);
}

/// Gives up all that a job does not need, once its database is open. What cannot be given up here is no error: the layers below hold.
pub fn confine(job: &Job) {
    #[cfg(unix)]
    {
        use rustix::process::Resource;
        // SAFETY: to ignore a signal touches no memory. A write beyond the limit is then an error and no end.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        let memory = job.script.memory_bytes as u64;
        // The script's own memory, a database as large, and what SQLite and answers may take.
        limit(Resource::As, mapped_bytes().saturating_add(memory.saturating_mul(2)).saturating_add(SPARE_BYTES));
        limit(Resource::Cpu, job.script.timeout.as_secs().saturating_add(2));
        limit(Resource::Nproc, 0);
        limit(Resource::Nofile, 0);
        if job.database.as_ref().is_none_or(|database| database.file.is_none()) {
            limit(Resource::Fsize, 0);
        }
    }
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    kernel::leave_only_what_is_needed();
    #[cfg(not(unix))]
    let _ = job;
}

/// What SQLite's cache, answers on their way and the program itself may take beside the script.
#[cfg(unix)]
const SPARE_BYTES: u64 = 256 << 20;

/// Returns how much is mapped already: the program, stacks, the allocator's reserve, a mapped database. Elsewhere than on Linux it is guessed.
#[cfg(unix)]
fn mapped_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages: Option<u64> = pages.and_then(|pages| pages.split(' ').next()?.parse().ok());
    pages.map_or(4 << 30, |pages| pages * rustix::param::page_size() as u64)
}

#[cfg(unix)]
fn limit(resource: rustix::process::Resource, most: u64) {
    // Never more than it was.
    let before = rustix::process::getrlimit(resource);
    let most = before.maximum.map_or(most, |before| before.min(most));
    let _ = rustix::process::setrlimit(resource, rustix::process::Rlimit { current: Some(most), maximum: Some(most) });
}

/// A filter of system calls: what starts programs, reaches the network, opens files or looks into other processes is refused.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod kernel {
    use libc::{
        BPF_ABS, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO,
        SECCOMP_RET_KILL_PROCESS, sock_filter,
    };

    /// Where the parts of `seccomp_data` lie.
    const NUMBER: u32 = 0;
    const ARCHITECTURE: u32 = 4;
    const FIRST_ARGUMENT: u32 = 16;

    #[cfg(target_arch = "x86_64")]
    const THIS_ARCHITECTURE: u32 = 0xc000_003e;
    #[cfg(target_arch = "aarch64")]
    const THIS_ARCHITECTURE: u32 = 0xc000_00b7;

    /// Calls that are refused.
    const REFUSED: &[libc::c_long] = &[
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_clone,
        libc::SYS_clone3,
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_send_signal,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_rt_tgsigqueueinfo,
        libc::SYS_openat,
        libc::SYS_openat2,
        libc::SYS_open_by_handle_at,
        libc::SYS_unlinkat,
        libc::SYS_renameat2,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_mkdirat,
        libc::SYS_mknodat,
        libc::SYS_fchmod,
        libc::SYS_fchmodat,
        libc::SYS_fchown,
        libc::SYS_fchownat,
        libc::SYS_truncate,
        libc::SYS_chdir,
        libc::SYS_fchdir,
        libc::SYS_chroot,
        libc::SYS_pivot_root,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_setuid,
        libc::SYS_setgid,
        libc::SYS_setresuid,
        libc::SYS_setresgid,
        libc::SYS_capset,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_io_uring_setup,
        libc::SYS_memfd_create,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_keyctl,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_delete_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
        libc::SYS_swapon,
        libc::SYS_swapoff,
        libc::SYS_settimeofday,
        libc::SYS_clock_settime,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_fork,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_vfork,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_open,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_creat,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_unlink,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_rename,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_link,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_symlink,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_mkdir,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_rmdir,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_mknod,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chmod,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chown,
    ];

    /// Installs the filter in all threads. A kernel without it goes on without it.
    pub(super) fn leave_only_what_is_needed() {
        let mut filter = program();
        let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
        // SAFETY: the kernel copies the program, which lives until the call is over.
        unsafe {
            libc::syscall(
                libc::SYS_seccomp,
                libc::SECCOMP_SET_MODE_FILTER,
                libc::SECCOMP_FILTER_FLAG_TSYNC,
                &raw const program,
            )
        };
    }

    fn program() -> Vec<sock_filter> {
        let load = |offset| step(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
        let equals = |value, yes, no| step(BPF_JMP | BPF_JEQ | BPF_K, yes, no, value);
        let answer = |what| step(BPF_RET | BPF_K, 0, 0, what);
        let refuse = answer(SECCOMP_RET_ERRNO | libc::EPERM as u32);
        let mut steps = vec![
            load(ARCHITECTURE),
            equals(THIS_ARCHITECTURE, 1, 0),
            answer(SECCOMP_RET_KILL_PROCESS),
            load(NUMBER),
            // The numbers of x86-64's second interface.
            step(BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x4000_0000),
            refuse,
        ];
        for number in REFUSED {
            steps.extend([equals(*number as u32, 0, 1), refuse]);
        }
        // The watchdog's signals go to this process alone.
        steps.extend([
            equals(libc::SYS_tgkill as u32, 0, 3),
            load(FIRST_ARGUMENT),
            equals(std::process::id(), 1, 0),
            refuse,
            answer(SECCOMP_RET_ALLOW),
        ]);
        steps
    }

    fn step(code: u32, yes: u8, no: u8, value: u32) -> sock_filter {
        sock_filter { code: code as u16, jt: yes, jf: no, k: value }
    }
}
