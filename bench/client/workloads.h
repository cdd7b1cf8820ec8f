/* Each runs one workload to its end and prints its line. */
#ifndef RMQ_BENCH_WORKLOADS_H
#define RMQ_BENCH_WORKLOADS_H

void run_sync(void);
void run_async(void);
void run_oneway(void);
void run_startup(void);
void run_push(void);
void run_e2e(void);
void run_idle(void);

#endif
